/* Preloaded into papka and every git it starts: counts what they do to files and fails one of them.

   Watched is everything below FAULT_WORLD. Each act (open to write, write, fsync, rename, link,
   unlink, mkdir, rmdir, truncate) adds a byte to FAULT_COUNT, which all processes share; the act
   whose turn is FAULT_AT is the one FAULT_HOW happens to:
     kill    half a write is done, then all processes of the group are killed;
     once N  it fails with errno N;           always N  it and all that follow do;
     gone    FAULT_DISK is renamed away and whatever is still open there fails with EIO;
     pause   all processes of the group are stopped until somebody continues them.
   With FAULT_WHERE only acts on paths that contain it have a turn. FAULT_LOG gets a line an act, and every file that loses a name keeps one in FAULT_GRAVES: from
   both a power cut is made afterwards. FAULT_CLOCK seconds are added to the clock.
   Absent on purpose: atomics and a shared memory, which the smallest compilers lack. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define ROOM (2 * PATH_MAX + 200)
#define REAL(name) (*(void **)(&real_##name) ? real_##name : \
                    (*(void **)(&real_##name) = dlsym(RTLD_NEXT, #name), real_##name))
#define OPENS 1  /* what a full disk refuses, beside failing in the middle of anything once */
#define WRITES 2
#define SYNCS 4
#define NAMES 8  /* rename, unlink, rmdir: they need no room */

static int below(const char *path, const char *folder)
{
    size_t length = folder ? strlen(folder) : 0;
    return length && !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

static int of_fd(int fd, char *path)
{
    char name[64];
    ssize_t length;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    length = readlink(name, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = 0;
    return length > 0 && below(path, getenv("FAULT_WORLD"));
}

static int of_path(int at, const char *given, char *path)
{
    char base[PATH_MAX] = "";
    if (!given)
        return 0;
    if (given[0] != '/' && at == AT_FDCWD) {
        if (!getcwd(base, sizeof base))
            return 0;
    } else if (given[0] != '/') {
        of_fd(at, base);
    }
    if (snprintf(path, PATH_MAX, "%s%s%s", base, *base ? "/" : "", given) >= PATH_MAX)
        return 0;
    return below(path, getenv("FAULT_WORLD"));
}

static void append(const char *name, const char *text, size_t length, off_t *end)
{
    int fd = name ? syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    if (fd < 0)
        return;
    if (syscall(SYS_write, fd, text, length) == (long)length && end)
        *end = lseek(fd, 0, SEEK_CUR);
    syscall(SYS_close, fd);
}

static void stop(int signal_)
{
    kill(0, signal_);
    if (signal_ == SIGKILL)
        for (;;)
            usleep(1000);
}

static long last; /* whose turn it was, for the log; a thread more or less does not matter there */

/* Takes a turn; 0: go on, else the errno to fail with. `half`: what to do before being killed. */
static int turn(const char *path, int kind, int fd, const void *data, size_t length)
{
    static const char *gone = ".gone";
    off_t now = 0;
    const char *how = getenv("FAULT_HOW"), *at_ = getenv("FAULT_AT"), *disk = getenv("FAULT_DISK");
    const char *where = getenv("FAULT_WHERE");
    long at = at_ ? atol(at_) : 0;
    char other[PATH_MAX];
    if (where && !strstr(path, where))
        return 0;
    append(getenv("FAULT_COUNT"), "x", 1, &now);
    last = now;
    if (!how || !at || now < at)
        return 0;
    if (!strcmp(how, "kill")) {
        if (now == at && data && length > 1)
            syscall(SYS_write, fd, data, length / 2);
        stop(SIGKILL);
    }
    if (!strcmp(how, "pause") && now == at)
        stop(SIGSTOP);
    if (!strcmp(how, "gone") && disk) {
        snprintf(other, sizeof other, "%s%s", disk, gone);
        if (now == at)
            syscall(SYS_renameat2, AT_FDCWD, disk, AT_FDCWD, other, 0);
        return below(path, other) || below(path, disk) ? EIO : 0;
    }
    if (!strncmp(how, "once ", 5)) {
        char fired[PATH_MAX];
        int code = atoi(how + 5);
        snprintf(fired, sizeof fired, "%s.fired", getenv("FAULT_COUNT"));
        if (code == ENOSPC && kind == NAMES)
            return 0;
        if (syscall(SYS_mkdirat, AT_FDCWD, fired, 0755))
            return 0; /* it has happened */
        return code;
    }
    if (!strncmp(how, "always ", 7)) {
        int code = atoi(how + 7);
        return code == ENOSPC && kind & (NAMES | SYNCS) ? 0 : code;
    }
    return 0;
}

static void tell(const char *what, const struct stat *about, long size, const char *one, const char *two,
                 unsigned long victim)
{
    char line[ROOM];
    int length = snprintf(line, sizeof line, "%ld\t%s\t%lu\t%ld\t%lu\t%s\t%s\n", last, what,
                          about ? (unsigned long)about->st_ino : 0, size, victim, one, two ? two : "");
    if (length > 0 && length < ROOM)
        append(getenv("FAULT_LOG"), line, length, NULL);
}

/* Keeps a name for a file that is about to lose one; its inode number, 0 when there is none. */
static unsigned long bury(const char *path)
{
    struct stat about;
    char grave[PATH_MAX];
    const char *graves = getenv("FAULT_GRAVES");
    if (syscall(SYS_newfstatat, AT_FDCWD, path, &about, AT_SYMLINK_NOFOLLOW))
        return 0;
    if (graves && S_ISREG(about.st_mode)) {
        snprintf(grave, sizeof grave, "%s/%lu", graves, (unsigned long)about.st_ino);
        syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, grave, 0);
    }
    return about.st_ino;
}

static int failed(int code)
{
    errno = code;
    return -1;
}

static int (*real_openat)(int, const char *, int, ...);

static int open_(int at, const char *given, int flags, mode_t mode)
{
    char path[PATH_MAX];
    struct stat about;
    int fd, code, existed, writes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
    if (!writes || (flags & O_DIRECTORY) || !of_path(at, given, path))
        return REAL(openat)(at, given, flags, mode);
    if ((code = turn(path, OPENS, -1, NULL, 0)))
        return failed(code);
    existed = !syscall(SYS_newfstatat, at, given, &about, 0);
    fd = REAL(openat)(at, given, flags, mode);
    if (fd >= 0 && !fstat(fd, &about))
        tell(existed ? flags & O_TRUNC ? "trunc" : "open" : "create", &about, about.st_size, path, NULL, 0);
    return fd;
}

#define OPEN(name, at, extra)                                       \
    int name(extra const char *path, int flags, ...)                \
    {                                                               \
        mode_t mode = 0;                                            \
        va_list more;                                               \
        va_start(more, flags);                                      \
        if (flags & (O_CREAT | O_TMPFILE))                          \
            mode = va_arg(more, int);                               \
        va_end(more);                                               \
        return open_(at, path, flags, mode);                        \
    }
#define NOTHING
#define FOLDER int at,
OPEN(open, AT_FDCWD, NOTHING)
OPEN(open64, AT_FDCWD, NOTHING)
OPEN(openat, at, FOLDER)
OPEN(openat64, at, FOLDER)
int __open_2(const char *path, int flags) { return open_(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return open_(at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) { return open_(at, path, flags, 0); }
int creat(const char *path, mode_t mode) { return open_(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

/* What stdio writes later is not seen, but the file counts as written from here on. */
#define FOPEN(name)                                                           \
    static FILE *(*real_##name)(const char *, const char *);                  \
    FILE *name(const char *given, const char *mode)                           \
    {                                                                         \
        char path[PATH_MAX];                                                  \
        struct stat about;                                                    \
        int code;                                                             \
        FILE *file;                                                           \
        if ((mode[0] == 'r' && !strchr(mode, '+')) || !of_path(AT_FDCWD, given, path)) \
            return REAL(name)(given, mode);                                   \
        if ((code = turn(path, OPENS, -1, NULL, 0))) {                        \
            errno = code;                                                     \
            return NULL;                                                      \
        }                                                                     \
        file = REAL(name)(given, mode);                                       \
        if (file && !fstat(fileno(file), &about))                             \
            tell(mode[0] == 'w' ? "trunc" : "write", &about, about.st_size, path, NULL, 0); \
        return file;                                                          \
    }
FOPEN(fopen)
FOPEN(fopen64)

/* One act on an open file: its turn, then the act, then the log. */
#define ACT(result, name, parameters, arguments, kind, word, data, length)    \
    static result (*real_##name) parameters;                                  \
    result name parameters                                                    \
    {                                                                         \
        char path[PATH_MAX];                                                  \
        struct stat about;                                                    \
        result done;                                                          \
        int code;                                                             \
        if (!of_fd(fd, path))                                                 \
            return REAL(name) arguments;                                      \
        fstat(fd, &about);                                                    \
        if ((code = turn(path, kind, fd, data, length)))                      \
            return failed(code);                                              \
        done = REAL(name) arguments;                                          \
        if (done >= 0)                                                        \
            tell(S_ISDIR(about.st_mode) ? "syncdir" : word, &about, about.st_size, path, NULL, 0); \
        return done;                                                          \
    }
ACT(ssize_t, write, (int fd, const void *d, size_t n), (fd, d, n), WRITES, "write", d, n)
ACT(ssize_t, pwrite, (int fd, const void *d, size_t n, off_t o), (fd, d, n, o), WRITES, "write", NULL, 0)
ACT(ssize_t, pwrite64, (int fd, const void *d, size_t n, off_t o), (fd, d, n, o), WRITES, "write", NULL, 0)
ACT(ssize_t, writev, (int fd, const struct iovec *d, int n), (fd, d, n), WRITES, "write", NULL, 0)
ACT(ssize_t, sendfile, (int fd, int from, off_t *o, size_t n), (fd, from, o, n), WRITES, "write", NULL, 0)
ACT(ssize_t, sendfile64, (int fd, int from, off_t *o, size_t n), (fd, from, o, n), WRITES, "write", NULL, 0)
ACT(int, ftruncate, (int fd, off_t n), (fd, n), WRITES, "write", NULL, 0)
ACT(int, ftruncate64, (int fd, off_t n), (fd, n), WRITES, "write", NULL, 0)
ACT(int, fsync, (int fd), (fd), SYNCS, "sync", NULL, 0)
ACT(int, fdatasync, (int fd), (fd), SYNCS, "sync", NULL, 0)

static ssize_t (*real_copy_file_range)(int, off_t *, int, off_t *, size_t, unsigned);
ssize_t copy_file_range(int from, off_t *o, int fd, off_t *to, size_t n, unsigned flags)
{
    char path[PATH_MAX];
    if (of_fd(fd, path))
        return failed(EXDEV); /* whoever asks falls back to plain writes, which are seen */
    return REAL(copy_file_range)(from, o, fd, to, n, flags);
}

static void (*real_sync)(void);
void sync(void)
{
    turn(getenv("FAULT_WORLD"), SYNCS, -1, NULL, 0);
    REAL(sync)();
    tell("syncall", NULL, 0, "", NULL, 0);
}

static int (*real_syncfs)(int);
int syncfs(int fd)
{
    int done;
    turn(getenv("FAULT_WORLD"), SYNCS, -1, NULL, 0);
    done = REAL(syncfs)(fd);
    tell("syncall", NULL, 0, "", NULL, 0);
    return done;
}

/* One act on a name. `two` is the new name where there is one; it is what may bury a file. */
static int name_(const char *word, int kind, long number, int at, const char *given, int to, const char *new_,
                 int flags)
{
    char one[PATH_MAX], two[PATH_MAX] = "";
    struct stat about;
    unsigned long victim = 0;
    int code, seen = of_path(at, given, one);
    long done;
    if (new_)
        seen |= of_path(to, new_, two);
    if (seen) {
        memset(&about, 0, sizeof about);
        if ((code = turn(new_ ? two : one, kind, -1, NULL, 0)))
            return failed(code);
        syscall(SYS_newfstatat, at, given, &about, AT_SYMLINK_NOFOLLOW);
        if (kind == NAMES)
            victim = bury(new_ ? two : one);
        if (new_)
            bury(one);
    }
    switch (number) {
    case SYS_renameat2:
    case SYS_linkat:
        done = syscall(number, at, given, to, new_, flags);
        break;
    default: /* unlinkat, mkdirat */
        done = syscall(number, at, given, flags);
    }
    if (seen && done >= 0) {
        if (number == SYS_mkdirat)
            syscall(SYS_newfstatat, at, given, &about, 0);
        tell(S_ISDIR(about.st_mode) && !strcmp(word, "rename") ? "renamedir" : word, &about, 0, one, two, victim);
    }
    return done < 0 ? -1 : 0;
}

int rename(const char *a, const char *b) { return name_("rename", NAMES, SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 0); }
int renameat(int f, const char *a, int t, const char *b) { return name_("rename", NAMES, SYS_renameat2, f, a, t, b, 0); }
int renameat2(int f, const char *a, int t, const char *b, unsigned g) { return name_("rename", NAMES, SYS_renameat2, f, a, t, b, g); }
int link(const char *a, const char *b) { return name_("link", OPENS, SYS_linkat, AT_FDCWD, a, AT_FDCWD, b, 0); }
int linkat(int f, const char *a, int t, const char *b, int g) { return name_("link", OPENS, SYS_linkat, f, a, t, b, g); }
int unlink(const char *a) { return name_("unlink", NAMES, SYS_unlinkat, AT_FDCWD, a, 0, NULL, 0); }
int unlinkat(int f, const char *a, int g) { return name_(g ? "rmdir" : "unlink", NAMES, SYS_unlinkat, f, a, 0, NULL, g); }
int rmdir(const char *a) { return name_("rmdir", NAMES, SYS_unlinkat, AT_FDCWD, a, 0, NULL, AT_REMOVEDIR); }
int mkdir(const char *a, mode_t m) { return name_("mkdir", OPENS, SYS_mkdirat, AT_FDCWD, a, 0, NULL, m); }
int mkdirat(int f, const char *a, mode_t m) { return name_("mkdir", OPENS, SYS_mkdirat, f, a, 0, NULL, m); }

static long ahead(void)
{
    const char *seconds = getenv("FAULT_CLOCK");
    return seconds ? atol(seconds) : 0;
}

static int (*real_clock_gettime)(clockid_t, struct timespec *);
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int done = REAL(clock_gettime)(clock, now);
    if (!done && clock == CLOCK_REALTIME)
        now->tv_sec += ahead();
    return done;
}

static int (*real_gettimeofday)(struct timeval *, void *);
int gettimeofday(struct timeval *now, void *zone)
{
    int done = REAL(gettimeofday)(now, zone);
    if (!done)
        now->tv_sec += ahead();
    return done;
}

static time_t (*real_time)(time_t *);
time_t time(time_t *into)
{
    time_t now = REAL(time)(NULL) + ahead();
    if (into)
        *into = now;
    return now;
}
