#!/bin/sh
# Checks a seal of an archive without papka: with git, ssh-keygen, sha256sum and a plain shell.
#
#   sh check-seal.sh АРХИВ [НОМЕР] [СУММА С БУМАГИ]
#
# АРХИВ is an archive, a mirror, a medium, or one copy on it (the folder with archive.bundle in it).
# Without a number the last seal is checked. Exit status: 0 all holds, 1 something does not, 2 not
# called as above, 3 it cannot be checked here. How it reads the archive: store.sh beside it.
set -eu
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
. "$here/store.sh"
. "$here/acts.sh"
[ $# -ge 1 ] && [ $# -le 3 ] || {
    echo 'sh check-seal.sh АРХИВ [НОМЕР] [СУММА С БУМАГИ]' >&2
    exit 2
}
field() { sed -n "s/^$2: //p" "$1"; }
# The digest of a folder $1, of which an act may have taken files: those in $room/inner-lost.
folder_digest() {
    {
        [ ! -d "./$1" ] || (cd "./$1" && find . -type f -print0 | xargs -0 -r sha256sum)
        sed -n "s|  $1/|  ./|p" "$room/inner-lost"
    } | sort -k 2 | sha256sum | cut -d ' ' -f 1
}
# Commits as they were signed, of a list of those in the store.
as_signed() { sort "$1" | join -a 1 - "$room/moved-sorted" | sed 's/.* //' | sort; }

# 1. The store: every object is whole, and what acts of destruction rewrote is put beside it.
open_store "$1"
peel_acts
sort "$room/moved" > "$room/moved-sorted"
while read -r at _; do
    split_commit "$(signed_of "$at")"
    git cat-file blob "$at^:records/trust/allowed_signers" > "$room/trusted" &&
        read_signers "$room/trusted" > "$room/signers" && read_signature git && [ -n "$key" ] &&
        line=$(grep -F -- " $key" "$room/signers" | grep -F papka-seal | head -n 1) &&
        [ -n "$line" ] && is_signed "$line" git "$room/payload" ||
        cannot "акт об уничтожении в сохранении $at подписан не ключом руководителя: чьё это слово, скажет check-signatures.sh"
done < "$room/brought"

# 2. The seal and its digest.
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
signed=$(signed_of "$own") # an act rewrites what lies before it: what was signed is judged
[ "$(git rev-parse "$signed^@")" = "$head" ] || wrong 'пломба стоит не за опломбированным сохранением'
stored=$(stored_of "$head")
[ "$(git diff-tree --no-renames --name-status -r "$head" "$signed" | tr '\t\n' '  ')" = \
    "A records/seals/$number.seal A records/seals/$number.seal.sig A records/seals/$number.units " ] ||
    wrong 'вместе с пломбой изменено что-то ещё'

# 4. The signature, by the keys trusted in the sealed commit, on the day of the seal.
git cat-file blob "$stored:records/trust/allowed_signers" > "$room/trusted"
read_signers "$room/trusted" > "$room/signers" ||
    wrong 'в списке доверенных ключей есть строка не по образцу'
day=$(field "$seal" date | sed -n 's/^\([0-9]\{4\}\)-\([0-9][0-9]\)-\([0-9][0-9]\)$/\1\2\3/p')
[ -n "$day" ] || wrong 'в пломбе не назван её день'
cp "$seal.sig" "$room/signature"
read_signature papka-seal
line=$(grep -F -- " $key" "$room/signers" | head -n 1)
[ -n "$key" ] && [ -n "$line" ] || wrong 'ключу пломбы в опломбированном сохранении никто не доверял'
is_signed "$line" papka-seal "$seal" || wrong 'подпись пломбы неверна'
case $line in *papka-seal*) ;; *) wrong 'пломбу подписал не руководитель' ;; esac
is_in_term "$line" "$day" || wrong 'пломбу подписал ключ, срок которого в тот день не шёл'

# 5. The content: the list made anew from the files of the sealed commit must be the same. What an
# act destroyed whole keeps its line; of a file destroyed in a folder the digest lies in that folder.
lay_out "$stored" "$room/sealed"
: > "$room/lost"
: > "$room/inner-lost"
: > "$room/torn"
: > "$room/whole"
judged=
[ "$stored" = "$head" ] || is_cut "$(git rev-parse "$head^{tree}")" "$(git rev-parse "$stored^{tree}")" '' s ||
    wrong 'опломбированное сохранение и переписанное отличаются не тем, что названо в актах'
while read -r id path; do
    if is_whole "$path"; then # nothing is left to compare its line with
        grep -E "^[0-9a-f]{64}  $(printf '%s' "$path" | sed 's/\./\\./g')\$" "$seals/$number.units" || :
        continue
    fi >> "$room/whole"
    unit=${path%/attachments/*}
    cat "$room/last/$unit/destroyed/"*.files | grep -F -- "  $id  $path" | head -n 1 |
        sed 's/  [0-9a-f]*  /  /' >> "$room/inner-lost"
    echo "$unit" >> "$room/torn"
done < "$room/lost"
cd "$room/sealed"
find . -type f | sed -E 's|^\./||
    s#^(records/students/[^/]+/[^/]+)/.*#\1#
    s#^(records/imports/[^/]+/[^/]+/(original|unmatched))/.*#\1#' | sort > "$room/paths"
uniq -u "$room/paths" | while read -r path; do [ -d "./$path" ] || echo "$path"; done > "$room/plain"
{
    tr '\n' '\0' < "$room/plain" | xargs -0 -r sha256sum --
    cat "$room/paths" "$room/torn" | sort -u | grep -vxFf "$room/plain" | while read -r path; do
        printf '%s  %s\n' "$(folder_digest "$path")" "$path"
    done
    cat "$room/whole"
} | sort -k 2 > "$room/content"
cmp -s "$room/content" "$seals/$number.units" || wrong 'файлы не те, что опломбированы'
[ "$(digest "$room/content")" = "$(field "$seal" units-sha256)" ] || wrong 'список не тот, что в пломбе'
[ "$(wc -l < "$room/content" | tr -d ' ')" = "$(field "$seal" units)" ] || wrong 'строк в списке не столько'
[ "$(folder_digest records/trust)" = "$(field "$seal" trust-sha256)" ] || wrong 'ключи не те, что опломбированы'

# 6. History, in a seal of the second form: the commits and all else that the sealed one leads to.
form=$(sed -n 1p "$seal")
case $form in
    'papka-seal v1') ;;
    'papka-seal v2')
        git rev-list "$stored" > "$room/in-store"
        as_signed "$room/in-store" > "$room/all-commits"
        histories=commits
        if [ "$stored" = "$head" ]; then
            histories='commits objects'
            git rev-list --objects --no-object-names "$head" | sort -u |
                grep -vxFf "$room/in-store" > "$room/all-objects"
        fi
        for what in $histories; do
            [ "$(wc -l < "$room/all-$what" | tr -d ' ')" = "$(field "$seal" $what)" ] ||
                wrong "история не та, что опломбирована ($what)"
            for sum in sha256 sha512; do
                [ "$(git cat-file --batch < "$room/all-$what" | ${sum}sum | cut -d ' ' -f 1)" = \
                    "$(field "$seal" "$what-$sum")" ] ||
                    wrong "история не та, что опломбирована ($what, $sum)"
            done
        done
        if [ "$stored" = "$head" ]; then
            echo 'Вся история до пломбы — та же, по SHA-256 и SHA-512'
        else
            echo 'Все сохранения до пломбы — те же, какими их подписали, по SHA-256 и SHA-512'
        fi
        ;;
    *) cannot 'пломба вида, которого этот сценарий не знает' ;;
esac

# 7. The chain: each seal names the one before it.
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
echo "Подпись: $(plain "${line%% *}"), ключ $(fingerprint "${line##*\" }")"
echo "Опломбировано сохранение $head, первое сохранение архива $(git rev-list --max-parents=0 "$last")"
echo "Файлы, ключи, подпись и цепочка пломб сходятся: строк в списке $(plain "$(field "$seal" units)")"

# 8. What the seal says nothing of.
[ ! -s "$room/whole" ] ||
    echo "НЕ СЛИЧЕНО, уничтожено по актам: строк в списке $(wc -l < "$room/whole" | tr -d ' '); кто подписал акты, проверяет check-signatures.sh"
git rev-list "$own..$last" > "$room/after"
as_signed "$room/after" > "$room/after-signed"
unsigned=0
while read -r commit; do
    git cat-file commit "$commit" | sed '/^$/q' | grep -q '^gpgsig ' || unsigned=$((unsigned + 1))
done < "$room/after-signed"
echo "НЕ ПРОВЕРЕНО, внесено после пломбы: сохранений $(wc -l < "$room/after" | tr -d ' '), из них вовсе без подписи $unsigned"
echo 'Подписи всех сохранений, до пломбы и после, проверяет check-signatures.sh'
