# What check-seal.sh and check-signatures.sh share; it is read in by them and does nothing by itself.
#
# open_store ПАПКА makes ready to read an archive, a mirror, a medium or a copy on one:
#   $room   a folder of our own, taken away at the end; $room/last: the files of the last commit
#   $last   the last commit
# git never runs in the folder that is checked, none of its settings is obeyed, nothing is written
# there. What stands on the disk becomes an argument of a program, or is shown, only after it was
# found to be what it should be.
unset CDPATH GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_NAMESPACE GIT_SHALLOW_FILE \
    GIT_GRAFT_FILE GIT_REPLACE_REF_BASE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES \
    GIT_CONFIG GIT_CONFIG_PARAMETERS GIT_CONFIG_COUNT GIT_TEMPLATE_DIR GIT_EXTERNAL_DIFF
export LC_ALL=C TZ=UTC0 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1
export GIT_NO_REPLACE_OBJECTS=1 GIT_LITERAL_PATHSPECS=1
# Newer git may make other stores by itself; ours is of the archive's kind.
export GIT_DEFAULT_HASH=sha1 GIT_DEFAULT_REF_FORMAT=files

wrong() {
    printf 'НЕ СОШЛОСЬ: %s\n' "$1" >&2
    exit 1
}
cannot() {
    printf 'ПРОВЕРИТЬ НЕЛЬЗЯ: %s\n' "$1" >&2
    exit 3
}
is_id() { case $1 in *[!0-9a-f]*) return 1 ;; *) [ ${#1} = 40 ] ;; esac }
is_number() { case $1 in *[!0-9]* | 0000) return 1 ;; *) [ ${#1} = 4 ] ;; esac }
plain() { printf '%s' "$1" | tr -cd 'A-Za-z0-9 .,:"@/+=_\n-'; }
digest() { sha256sum < "$1" | cut -d ' ' -f 1; }

# The folder of a store: of an archive, a mirror, or the newest copy on a medium.
find_store() {
    case $1 in *'
'*) cannot 'в имени папки перевод строки: переименуйте её или подключите под другим именем' ;; esac
    case $1 in /*) store=$1 ;; *) store=./$1 ;; esac
    store=$(cd "$store" 2> /dev/null && pwd -P) || cannot 'такой папки нет, или она закрыта для вас'
    if [ -f "$store/papka-medium.txt" ]; then
        name=$(find "$store/" -maxdepth 1 -name 'papka-*' | sed 's|.*/||' |
            grep -E '^papka-[0-9]{8}-[0-9]{6}-[0-9a-f]{12}$' | sort | tail -n 1)
        [ -n "$name" ] || cannot 'на носителе нет ни одной копии'
        store=$store/$name
        echo "Копия: $name, самая новая на носителе"
    fi
    [ -d "$store/.git" ] && store=$store/.git
    [ -d "$store/objects" ] || [ -f "$store/archive.bundle" ] ||
        cannot 'в папке нет хранилища git (копию на носителе назовите целиком: папка papka-…)'
}

# Puts the branch main of a copy, or the store of an archive or a mirror, before git.
read_main() {
    if [ ! -d "$store/objects" ]; then
        if head -n 2 "$store/archive.bundle" | grep -q '^@object-format=sha256$'; then
            cannot 'номера сохранений этой копии — SHA-256, такие набор ещё не читает'
        fi
        git fetch -q --no-tags "$store/archive.bundle" refs/heads/main:refs/heads/main 2> /dev/null ||
            wrong 'копию не прочесть'
        last=$(git rev-parse refs/heads/main)
        return
    fi
    if grep -qsiE '^[[:space:]]*objectformat[[:space:]]*=[[:space:]]*sha256' "$store/config"; then
        cannot 'номера сохранений этого хранилища — SHA-256, такие набор ещё не читает'
    fi
    if [ -d "$store/reftable" ]; then
        cannot 'ветки этого хранилища записаны в reftable: проверьте зеркало или копию на носителе'
    fi
    [ ! -e "$store/objects/info/alternates" ] && [ ! -L "$store/objects/info/alternates" ] ||
        wrong 'хранилище берёт объекты из другого'
    # The link has a name of ours, whatever the disk is called.
    ln -s "$store/objects" "$room/objects"
    printf '%s\n' "$room/objects" > "$room/git/objects/info/alternates"
    if [ -f "$store/refs/heads/main" ]; then
        last=$(head -c 100 "$store/refs/heads/main" | tr '\0' '?')
    else
        [ -f "$store/packed-refs" ] || wrong 'в хранилище нет ветки main'
        last=$(sed -n 's|^\([0-9a-f]*\) refs/heads/main$|\1|p' "$store/packed-refs")
    fi
}

# Lays out a whole commit in a folder: only plain files with plain names.
lay_out() {
    git ls-tree -r "$1" > "$room/listed" || wrong 'сохранение не читается'
    if grep -Ev "^100(644|755) blob [0-9a-f]{40}$(printf '\t')[A-Za-z0-9._/-]+\$" "$room/listed" \
        > "$room/odd"
    then
        wrong 'в сохранении есть не только простые файлы с простыми именами'
    fi
    mkdir "$2"
    GIT_INDEX_FILE=$room/index git read-tree "$1"
    GIT_INDEX_FILE=$room/index GIT_WORK_TREE=$2 git checkout-index -q --all --prefix="$2/"
    rm -f "$room/index"
}

# Finds the plain files of a copy, $files: in one file, or in copies of the first version a folder.
# Only plain files with plain names are unpacked.
unpack_files() {
    files=$store/files
    [ -f "$store/files.tar" ] || return 0
    command -v tar > /dev/null || cannot 'на этом компьютере нет программы tar'
    files=$room/unpacked/files
    mkdir "$room/unpacked"
    # Lists are made into files first: a failure of tar must not pass for an empty one.
    tar -tf "$store/files.tar" > "$room/names" 2> /dev/null &&
        tar -tvf "$store/files.tar" > "$room/kinds" 2> /dev/null ||
        wrong 'простые файлы копии (files.tar) не читаются'
    if grep -Ev '^files/[A-Za-z0-9._/-]+$' "$room/names" > "$room/odd" ||
        grep -E '(^|/)\.\.(/|$)' "$room/names" > "$room/odd" || grep -v '^-' "$room/kinds" > "$room/odd"
    then
        wrong 'в files.tar есть не только простые файлы с простыми именами'
    fi
    tar -xf "$store/files.tar" -C "$room/unpacked" 2> /dev/null ||
        wrong 'простые файлы копии (files.tar) не читаются'
}

open_store() {
    for program in git ssh-keygen sha256sum sha512sum base64 sed grep find xargs cmp diff od; do
        command -v "$program" > /dev/null || cannot "на этом компьютере нет программы $program"
    done
    find_store "$1"
    room=$(mktemp -d)
    trap 'rm -rf "$room"' EXIT
    cd "$room"
    git init -q --bare --template= "$room/git"
    export GIT_DIR="$room/git"
    mkdir -p "$room/git/objects/info"
    # Indexes that speed git up may hide commits.
    git config core.commitGraph false
    git config core.multiPackIndex false
    read_main
    is_id "$last" || wrong 'ветка main указывает не на сохранение: в номере не 40 знаков 0–9, a–f'
    git rev-list --objects "$last" > /dev/null || wrong 'в хранилище не хватает объектов'
    git fsck --full --strict --no-dangling "$last" > /dev/null ||
        wrong 'хранилище повреждено (git fsck)'
    lay_out "$last" "$room/last"
    if [ ! -d "$store/objects" ]; then
        unpack_files
        diff -r -q --no-dereference "$room/last" "$files" > "$room/odd" 2>&1 ||
            wrong 'простые файлы копии (files) не те, что в последнем сохранении истории'
        echo 'Простые файлы копии (files) — те же, что в последнем сохранении истории'
    fi
}

# Takes the lines of a list of keys that have the one form due; anything else is a fault.
read_signers() {
    kinds='ssh-ed25519|sk-ssh-ed25519@openssh\.com|ecdsa-sha2-nistp384'
    if grep -Ev '^(#.*)?$' "$1" | grep -Ev '^[a-z][a-z0-9-]*@papka\.invalid '\
'namespaces="(git|git,papka-seal,papka-document)"'\
'(,valid-after="[0-9]{8}",valid-before="[0-9]{8}")? '"($kinds)"' [A-Za-z0-9+/]+=*$' > "$room/odd"
    then
        return 1
    fi
    grep -Ev '^(#.*)?$' "$1" || [ $? = 1 ]
}

# The commit $1 in $room: its `header`, its `signature` and the `payload` that it is over.
split_commit() {
    git cat-file commit "$1" | sed -n "1,/^\$/{
        w $room/header
        /^gpgsig /,/^\$/{ /^\$/!{ s/^gpgsig //; s/^ //
            w $room/signature
            d; }; }
        }
        w $room/payload"
}

# Reads the armored signature $room/signature, made for the purpose $1: $key is who made it, as in a
# list of keys; "" when it is no ssh signature in the one spelling that verify takes: sha512, nothing
# beside it, S below the order of the group (of P-384, the lesser of S and n - S), a token touched.
read_signature() {
    key=
    sed '1d; $d' "$room/signature" | base64 -d > "$room/blob" 2> /dev/null || return 0
    {
        echo '-----BEGIN SSH SIGNATURE-----'
        base64 -w 70 "$room/blob"
        echo '-----END SSH SIGNATURE-----'
    } | cmp -s - "$room/signature" || return 0
    key_file=0000000b7373682d65643235353139
    token=0000001a736b2d7373682d65643235353139406f70656e7373682e636f6d
    case $1 in
        git) purpose=00000003676974 ;;
        *) purpose=$(printf '%08x' ${#1})$(printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n') ;;
    esac
    half='00000040[0-9a-f]{126}0[0-9a-f]'
    p384=0000001365636473612d736861322d6e69737470333834
    spelled=$(od -An -v -tx1 "$room/blob" | tr -d ' \n')
    printf '%s' "$spelled" | grep -qE "^53534853494700000001(\
(00000033${key_file}00000020[0-9a-f]{64}|0000004a${token}00000020[0-9a-f]{64}000000047373683a)\
${purpose}0000000000000006736861353132\
(00000053$key_file$half|00000067$token$half[0-9a-f][13579bdf][0-9a-f]{8})|\
00000088${p384}000000086e697374703338340000006104[0-9a-f]{192}\
${purpose}0000000000000006736861353132000000[0-9a-f]{2}${p384}000000[0-9a-f]{2}000000[0-9a-f]{2,})\$" ||
        return 0
    case $spelled in
        *"$p384"*"$p384"*) is_pair "$(printf '%s' "$spelled" | sed "s/.*0000000000000006736861353132//")" || return 0 ;;
    esac
    case $spelled in # its length stands before the key
        5353485349470000000100000033*) length=51 ;;
        535348534947000000010000004a*) length=74 ;;
        *) length=136 ;;
    esac
    key=$(tail -c +15 "$room/blob" | head -c "$length" | base64 -w 0)
}
# Takes an ssh string off the front of $rest, in hexadecimal, into $taken.
take_string() {
    [ ${#rest} -ge 8 ] || return 1
    size=$((0x$(printf '%.8s' "$rest") * 2))
    rest=${rest#????????}
    [ "$size" -gt 0 ] && [ ${#rest} -ge "$size" ] || return 1
    taken=$(printf "%.${size}s" "$rest")
    rest=${rest#"$taken"}
}
# Whether this is the field of a signature of P-384: R and S each in the one spelling of a number, S
# not above half of the group's order.
is_pair() {
    rest=$1
    take_string && [ -z "$rest" ] || return 1
    rest=$taken
    take_string && take_string && [ -z "$rest" ] || return 1
    rest=$taken
    for part in r s; do
        take_string && printf '%s\n' "$taken" | grep -qE '^(0[1-9a-f]|[1-7][0-9a-f]|00[89a-f])' || return 1
        taken=${taken#00}
        [ ${#taken} -le 96 ] || return 1
    done
    [ -z "$rest" ] || return 1
    most=7fffffffffffffffffffffffffffffffffffffffffffffffe3b1a6c0fa1b96efac0d06d9245853bd76760cb5666294b9
    while [ ${#taken} -lt 96 ]; do taken=0$taken; done
    [ "$(printf '%s\n%s\n' "$taken" "$most" | sort | head -n 1)" = "$taken" ]
}
# The fingerprint of a key, given as its kind and itself.
fingerprint() { printf '%s\n' "$1" | ssh-keygen -l -E sha256 -f - | cut -d ' ' -f 2; }

# Whether the key of this line made $room/signature of the file $3 for the purpose $2, on any day.
is_signed() {
    case $1 in
        *valid-after=*) printf '%s\n' "$1" | sed -E 's/,valid-after="[0-9]{8}",valid-before="[0-9]{8}"//' ;;
        *) printf '%s\n' "$1" ;;
    esac > "$room/signer"
    ssh-keygen -Y verify -f "$room/signer" -I "${1%% *}" -n "$2" -s "$room/signature" < "$3" \
        > "$room/said" 2>&1
}
# Whether a key counts on a day, 20260131: one given for a term counts within it.
is_in_term() {
    case $1 in *valid-after=*) ;; *) return 0 ;; esac
    since=$(printf '%s' "$1" | sed -nE 's/.*valid-after="([0-9]{8})".*/\1/p')
    before=$(printf '%s' "$1" | sed -nE 's/.*valid-before="([0-9]{8})".*/\1/p')
    [ "$2" -ge "$since" ] && [ "$2" -lt "$before" ]
}
