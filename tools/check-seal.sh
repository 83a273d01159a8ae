#!/bin/sh
# Checks a seal of an archive without papka: with git, ssh-keygen, sha256sum and a plain shell.
#
#   sh check-seal.sh АРХИВ [НОМЕР] [СУММА С БУМАГИ]
#
# АРХИВ is an archive, a mirror, or a copy on a medium (the folder with archive.bundle in it).
# git never runs inside the archive and none of its settings is obeyed; nothing is written to it.
# Without a number the last seal is checked. Exit status: 0 all holds, 1 something does not.
set -eu
export LC_ALL=C GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1
export GIT_NO_REPLACE_OBJECTS=1 GIT_LITERAL_PATHSPECS=1

wrong() {
    printf 'НЕ СОШЛОСЬ: %s\n' "$1" >&2
    exit 1
}
# What the disk says becomes an argument of a program, or is shown, only when it is one of these.
is_id() { case $1 in *[!0-9a-f]*) return 1 ;; *) [ ${#1} = 40 ] ;; esac }
is_number() { case $1 in *[!0-9]* | 0000) return 1 ;; *) [ ${#1} = 4 ] ;; esac }
plain() { printf '%s' "$1" | tr -cd 'A-Za-z0-9 .,:"@/+=_\n-'; }
digest() { sha256sum < "$1" | cut -d ' ' -f 1; }
field() { sed -n "s/^$2: //p" "$1"; }
folder_digest() {
    (cd "./$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)
}

[ $# -ge 1 ] || { echo 'sh check-seal.sh АРХИВ [НОМЕР] [СУММА С БУМАГИ]' >&2; exit 2; }
store=$(cd -- "$1" && pwd)
[ -d "$store/.git" ] && store=$store/.git
[ -d "$store/objects" ] || [ -f "$store/archive.bundle" ] ||
    wrong "в папке $1 нет хранилища git (копию на носителе назовите целиком: папка papka-…)"
[ ! -e "$store/objects/info/alternates" ] && [ ! -L "$store/objects/info/alternates" ] ||
    wrong 'хранилище берёт объекты из другого'

# 1. An empty repository of our own, which only borrows the objects, or unpacks the bundle.
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
git init -q --bare --template= "$room/git"
export GIT_DIR="$room/git"
if [ ! -d "$store/objects" ]; then
    git fetch -q "$store/archive.bundle" refs/heads/main 2> /dev/null || wrong 'копию не прочесть'
    last=$(git rev-parse FETCH_HEAD)
else
    mkdir -p "$room/git/objects/info"
    printf '%s\n' "$store/objects" > "$room/git/objects/info/alternates"
    if [ -f "$store/refs/heads/main" ]; then
        last=$(head -c 100 "$store/refs/heads/main")
    else
        [ -f "$store/packed-refs" ] || wrong 'в хранилище нет ветки main'
        last=$(sed -n 's|^\([0-9a-f]*\) refs/heads/main$|\1|p' "$store/packed-refs")
    fi
fi
is_id "$last" || wrong 'ветка main указывает не на сохранение: в номере не 40 знаков 0–9, a–f'
git rev-list --objects "$last" > /dev/null || wrong 'в хранилище не хватает объектов'
git fsck --full --strict --no-dangling "$last" > /dev/null || wrong 'хранилище повреждено (git fsck)'

# Lays out a whole commit in a folder: only plain files with plain names.
lay_out() {
    git ls-tree -r "$1" > "$room/listed" || wrong 'сохранение не читается'
    if grep -Ev "^100(644|755) blob [0-9a-f]{40}$(printf '\t')[A-Za-z0-9._/-]+\$" "$room/listed"
    then
        wrong 'в сохранении есть не только простые файлы с простыми именами'
    fi
    mkdir "$2"
    GIT_INDEX_FILE=$room/index git read-tree "$1"
    GIT_INDEX_FILE=$room/index GIT_WORK_TREE=$2 git checkout-index -q --all --prefix="$2/"
    rm -f "$room/index"
}

# 2. The seal and its digest.
lay_out "$last" "$room/last"
seals=$room/last/records/seals
[ -d "$seals" ] || wrong 'в архиве нет ни одной пломбы'
number=${2:-$(find "$seals" -name '*.seal' | sort | tail -n 1 | sed 's|.*/||; s|\.seal$||')}
is_number "$number" || wrong 'номер пломбы — четыре цифры, первая пломба 0001'
seal=$seals/$number.seal
[ -f "$seal" ] || wrong "пломбы № $number нет"
found=$(digest "$seal")
echo "Пломба № $number: $(echo "$found" | sed 's/......../& /g')"
if [ -n "${3:-}" ]; then
    typed=$(printf '%s' "$3" | tr 'A-F' 'a-f' | tr -cd '0-9a-f')
    [ "$found" = "$typed" ] || wrong 'контрольная сумма не та, что на бумаге'
    echo 'Контрольная сумма та же, что на бумаге'
fi

# 3. Its place: right after the sealed commit, with its own three files and nothing else.
head=$(field "$seal" head | sed 's/^sha1://')
is_id "$head" || wrong 'в пломбе не названо опломбированное сохранение'
own=$(git rev-list "$last" -- "records/seals/$number.seal")
is_id "$own" || wrong 'файл пломбы меняли после того, как её поставили'
[ "$(git rev-parse "$own^@")" = "$head" ] || wrong 'пломба стоит не за опломбированным сохранением'
[ "$(git diff-tree --no-commit-id --name-status -r "$own" | tr '\t\n' '  ')" = \
    "A records/seals/$number.seal A records/seals/$number.seal.sig A records/seals/$number.units " ] ||
    wrong 'вместе с пломбой изменено что-то ещё'

# 4. The signature, by the keys trusted in the sealed commit.
git cat-file blob "$head:records/trust/allowed_signers" > "$room/signers"
who=$(ssh-keygen -Y find-principals -s "$seal.sig" -f "$room/signers") ||
    wrong 'ключу пломбы в опломбированном сохранении никто не доверял'
[ "$who" = "$(plain "$who")" ] || wrong 'владелец ключа назван не так, как называют в архиве'
signed=$(ssh-keygen -Y verify -f "$room/signers" -I "$who" -n papka-seal -s "$seal.sig" < "$seal") ||
    wrong 'подпись пломбы неверна'

# 5. The content: the list made anew from the files of the sealed commit must be the same.
lay_out "$head" "$room/sealed"
cd "$room/sealed"
find . -type f | sed -E 's|^\./||
    s#^(records/students/[^/]+/[^/]+)/.*#\1#
    s#^(records/imports/[^/]+/[^/]+/(original|unmatched))/.*#\1#' | sort -u > "$room/paths"
while read -r path; do
    if [ -d "./$path" ]; then
        printf '%s  %s\n' "$(folder_digest "$path")" "$path"
    else
        printf '%s  %s\n' "$(digest "./$path")" "$path"
    fi
done < "$room/paths" > "$room/units"
cmp "$room/units" "$seals/$number.units" || wrong 'файлы не те, что опломбированы'
[ "$(digest "$room/units")" = "$(field "$seal" units-sha256)" ] || wrong 'список не тот, что в пломбе'
[ "$(wc -l < "$room/units" | tr -d ' ')" = "$(field "$seal" units)" ] || wrong 'строк в списке не столько'
[ "$(folder_digest records/trust)" = "$(field "$seal" trust-sha256)" ] || wrong 'ключи не те, что опломбированы'

# 6. The chain: each seal names the one before it.
at=$number
while :; do
    [ "$(field "$seals/$at.seal" number)" = "$at" ] || wrong "в пломбе № $at другой номер"
    previous=$(field "$seals/$at.seal" previous)
    before=$(printf '%04d' "$(($(echo "$at" | sed 's/^0*//') - 1))")
    [ "$before" != 0000 ] || break
    [ -f "$seals/$before.seal" ] || wrong "пломбы № $before нет"
    [ "$previous" = "sha256:$(digest "$seals/$before.seal")" ] || wrong "пломба № $at не продолжает № $before"
    at=$before
done
[ "$previous" = none ] || wrong 'первая пломба называет предыдущую'

echo "Период: $(plain "$(field "$seal" period)"). Дата: $(plain "$(field "$seal" date)")"
echo "Подпись: $(plain "$signed")"
echo "Опломбировано сохранение $head, первое сохранение архива $(git rev-list --max-parents=0 "$last")"
echo "Файлы, ключи, подпись и цепочка пломб сходятся: строк в списке $(plain "$(field "$seal" units)")"
