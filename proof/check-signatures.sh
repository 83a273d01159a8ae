#!/bin/sh
# Checks who made each commit of an archive without papka: with git, ssh-keygen and a plain shell.
#
#   sh check-signatures.sh [--keys ПАПКА] АРХИВ С-БУМАГИ…
#
# --keys: leave in a new folder, when paper vouches for them, the list of keys, of those taken away,
# and of documents that were entered while their key, taken away since, still counted.
# АРХИВ is an archive, a mirror, a medium, or one copy on it (the folder with archive.bundle in it).
# С-БУМАГИ: the fingerprint of the head's key (SHA256:…), or the first commit (40 signs); if both
# keys were lost, also the digest of the act of new ones (8 groups of 8). At least one of the first
# two must be of the first commit, else nobody knows whose archive it is.
#
# A commit is judged by the keys that the commits before it trust; the first by its own list, which
# paper vouches for. A key taken away counts up to the commit named, whenever that was said. Exit
# status: 0 all holds and paper agrees, 1 something does not hold, 2 not called as above, 3 it cannot
# be checked here, or is not established for want of paper.
set -eu
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
. "$here/store.sh"
. "$here/acts.sh"
[ $# -ge 1 ] || {
    echo 'sh check-signatures.sh [--keys ПАПКА] АРХИВ ОТПЕЧАТОК-КЛЮЧА-С-БУМАГИ' >&2
    exit 2
}
keys=
if [ "$1" = --keys ] && [ $# -ge 3 ]; then
    case $2 in /*) keys=$2 ;; *) keys=$PWD/$2 ;; esac
    [ ! -e "$keys" ] || cannot 'папка для ключей уже есть: назовите новую'
    shift 2
fi
archive=$1
shift
tab=$(printf '\t')
paper_keys= paper_root= paper_acts=
for typed; do
    typed=$(printf '%s' "$typed" | tr -d ' \t\n')
    bare=$(printf '%s' "$typed" | tr 'A-F' 'a-f' | tr -d '-')
    if printf '%s\n' "$typed" | grep -qE '^SHA256:[A-Za-z0-9+/]{43}$'; then
        paper_keys="$paper_keys $typed"
    elif printf '%s\n' "$bare" | grep -qE '^[0-9a-f]{64}$'; then
        paper_acts="$paper_acts $bare"
    elif is_id "$bare"; then
        paper_root=$bare
    else
        cannot 'с бумаги набирают отпечаток ключа (SHA256: и 43 знака), номер первого сохранения (40 знаков 0–9, a–f) или контрольную сумму акта (64 знака)'
    fi
done
open_store "$archive"

peel_acts

# Of each commit in $room: `said` (its own words), its files of trust, its changes.
trusted=records/trust/allowed_signers
revoked=records/trust/revocations
head_spaces='namespaces="git,papka-seal,papka-document"'
: > signers # every line of a list of keys that counts, in the order it came
: > prints  # FINGERPRINT KIND KEY: of each of them
: > origins # FINGERPRINT COMMIT FINGERPRINT: which commit brought a key, and who signed that
: > ends    # FINGERPRINT COMMIT: the last commit a key counts at, or "root"
: > vouched # COMMIT CODE FILE COMMIT FINGERPRINT: a head's acceptance, and who signed that
: > judged  # COMMIT CODE FINGERPRINT: what each commit is worth
: > faults  # COMMIT CODE WORDS
end_line='^(retired SHA256:[A-Za-z0-9+/]{43} at|compromised SHA256:[A-Za-z0-9+/]{43} after) (root|[0-9a-f]{40})$'
fault() { printf '%s %s %s\n' "$commit" "$1" "$2" >> faults; }

git rev-list --topo-order --reverse "$last" | while read -r each; do signed_of "$each"; done > order
# A plain line of commits tells by itself which descends from which.
line_of_commits=
[ -n "$(git rev-list --min-parents=2 "$last" | head -n 1)" ] ||
    line_of_commits=$(sed 's/.*/ & /' order | tr -d '\n')
git rev-list --max-parents=0 "$last" > roots
root=$(cat roots)
is_id "$root" || wrong 'первых сохранений несколько: истории разных архивов соединены'

# The file of a commit, empty when there is none.
file_of() { git cat-file blob "$(stored_of "$1"):$2" 2> /dev/null || :; }
is_ancestor() {
    [ -z "$pairs" ] || set -- "$1" "$(signed_of "$2")"
    if [ -n "$line_of_commits" ]; then
        case $line_of_commits in *" $1 "*" $2 "*) return 0 ;; esac
        [ "$1" = "$2" ]
    else
        git merge-base --is-ancestor "$1" "$2" 2> /dev/null
    fi
}

# Whether this key counts in this commit, as far as is known: neither it nor who let it in is ended.
counts() {
    [ -s ends ] || return 0
    key_at=$1 commit_at=$2
    while :; do
        if [ "$commit_at" != "$root" ]; then
            for end in $(sed -n "s|^$key_at ||p" ends); do
                [ "$end" != root ] && is_ancestor "$commit_at" "$end" || return 1
            done
        fi
        origin=$(sed -n "s|^$key_at ||p" origins | head -n 1)
        [ -n "$origin" ] || return 0
        commit_at=${origin% *} key_at=${origin#* }
    done
}

# The commit taken apart: the names of its headers, its parents, who made it.
take_apart() {
    split_commit "$commit"
    shape= parents= author= committer=
    while IFS= read -r row; do
        case $row in
            ' '*) case $shape in *' gpgsig') ;; *) shape="$shape +" ;; esac ;;
            'parent '*)
                [ "$shape" = ' tree' ] || shape="$shape parent"
                parents="$parents${row#* } "
                ;;
            ?*) shape="$shape ${row%% *}" ;;
        esac
        case $row in
            'author '*) author=${row%> *} author=${author##* <} ;;
            'committer '*) committer=${row%> *} committer=${committer##* <} ;;
        esac
    done < header
    stored=$(stored_of "$commit") above=
    if [ -n "$parents" ]; then
        above=${parents%% *}
        if [ -n "$pairs" ]; then # below an act lies the commit that the act names
            above=$(git rev-parse "$stored^")
            parents="$(signed_of "$above") "
        fi
    fi
    parent=${parents%% *}
}
day_of_commit() {
    set -- $(sed -nE 's/^committer .* ([0-9]{1,11}) ([+-])([0-9]{2})([0-9]{2})$/\1 \2 \3 \4/p' header)
    [ $# = 4 ] || { echo 0; return; }
    date -u -d "@$(($1 $2 (${3#0} * 60 + ${4#0}) * 60))" +%Y%m%d
}

# The fault of the commit's signature as $code ("-" when good), $line of the list that it is by.
judge_signature() {
    code=- line= print=
    case $shape in
        ' tree author committer gpgsig') ;;
        ' tree author committer') code=SIG_MISSING; return ;;
        *) code=HEADER_UNEXPECTED; return ;;
    esac
    read_signature git
    [ -n "$key" ] || { code=SIG_BAD; return; }
    line=$(grep -m 1 -F -- " $key" signers || :)
    if [ -z "$line" ]; then
        code=SIG_UNKNOWN_KEY
        ssh-keygen -Y check-novalidate -n git -s signature < payload > said 2>&1 || code=SIG_BAD
        return
    fi
    print=$(sed -n "s| .* $key\$||p" prints)
    is_signed "$line" git payload || { code=SIG_BAD; return; }
    [ "$author $committer" = "${line%% *} ${line%% *}" ] ||
        fault AUTHOR_MISMATCH 'подписал один, а записано на другого'
    is_term=1
    day=
    case $line in *valid-after=*) day=$(day_of_commit) ;; esac
    is_in_term "$line" "$day" || {
        is_term=
        fault SIG_OUTSIDE_TERM 'подписано ключом, срок которого в тот день не шёл'
    }
}

# What staff may change: the rest is the head's.
beyond_staff() {
    grep -Ev "^[A-Z]${tab}records/(students|imports|events|orders)/|^[AM]${tab}records/(registers|media)/" changes
}

# An act of new keys, both old ones lost: it does what paper says of it and no more.
is_act_of_new_keys() {
    act=$(sed -nE "s|^A$tab(records/trust/refoundings/[0-9]{4})\$|\1|p" changes)
    [ -n "$act" ] && [ "$(wc -l < changes | tr -d ' ')" = 3 ] || return 1
    grep -q "^M$tab$trusted\$" changes && grep -q "^[AM]$tab$revoked\$" changes || return 1
    file_of "$commit" "$act" > act
    case " $paper_acts " in *" $(digest act) "*) ;; *) return 1 ;; esac
    [ "$(wc -l < act | tr -d ' ')" = 6 ] && tr '\n' '|' < act | grep -qE '^papka-refounding v1\|'\
'head: sha1:[0-9a-f]{40}\|seal: (none|sha256:[0-9a-f]{64})\|daily: SHA256:[A-Za-z0-9+/]{43}\|'\
'recovery: SHA256:[A-Za-z0-9+/]{43}\|date: [0-9]{4}-[0-9]{2}-[0-9]{2}\|$' || return 1
    [ "$(sed -n 's/^head: sha1://p' act) " = "$parents" ] || return 1
    file_of "$commit" "$trusted" > list
    file_of "$parent" "$trusted" > list_before
    read_signers list > new || return 1
    head -n "$(wc -l < list_before)" list | cmp -s - list_before || return 1
    tail -n +"$(($(wc -l < list_before) + 1))" list > added
    [ "$(grep -c "$head_spaces " added)" = 2 ] && [ "$(wc -l < added | tr -d ' ')" = 2 ] || return 1
    : > named
    while read -r each; do fingerprint "${each##*\" }" >> named; done < added
    { sed -n 's/^daily: //p' act; sed -n 's/^recovery: //p' act; } | cmp -s - named || return 1
    grep "$head_spaces" list_before | while read -r each; do
        echo "retired $(fingerprint "${each##*\" }") at $parent"
    done | sort > due
    file_of "$parent" "$revoked" > list_before
    file_of "$commit" "$revoked" > list
    head -n "$(wc -l < list_before)" list | cmp -s - list_before || return 1
    tail -n +"$(($(wc -l < list_before) + 1))" list | sort | cmp -s - due || return 1
    line=$(head -n 1 added)
    read_signature git
    [ "${line##* }" = "$key" ] && is_signed "$line" git payload || return 1
    print=$(sed -n 's/^daily: //p' act)
}

# Trust grows by what this commit says of it. $1: the head's key that vouches; "" where paper does.
take_trust() {
    file_of "$commit" "$trusted" > list
    read_signers list > new || fault TRUST_LINE_INVALID 'в списке ключей строка не по образцу'
    [ -z "$(sed 's/.*" //' new | sort | uniq -d)" ] ||
        fault TRUST_LINE_INVALID 'в списке ключей один ключ дважды'
    grep -E "^[A-Z]${tab}records/trust/" changes | grep -Evq \
        "records/trust/(allowed_signers|revocations|accepted/[1-9][0-9]*\\.yaml|refoundings/[0-9]{4})\$" &&
        fault TRUST_FILE_INVALID 'в папке records/trust посторонний файл'
    while read -r each; do
        each_key=${each##*\" }
        grep -qF -- " ${each_key#* }" signers && continue
        printf '%s\n' "$each" >> signers
        each_print=$(fingerprint "$each_key")
        echo "$each_print $each_key" >> prints
        [ -z "$1" ] || echo "$each_print $commit $1" >> origins
    done < new
    file_of "$commit" "$revoked" > list
    grep -E "$end_line" list | cut -d ' ' -f 2,4 > new || :
    grep -vxFf ends new > fresh || :
    cat fresh >> ends
    [ -n "$1" ] || return 0
    sed -nE "s|^A$tab(records/trust/accepted/[1-9][0-9]*\.yaml)\$|\1|p" changes > acceptances
    while read -r each; do
        file_of "$commit" "$each" > list
        { sed -nE 's/^commit: ["'"'"']?([0-9a-f]{40})["'"'"']?$/\1/p' list
            sed -nE 's/^code: ([A-Z_]+)$/\1/p' list; } | tr '\n' ' ' > new
        if grep -qE '^[0-9a-f]{40} [A-Z_]+ $' new; then
            echo "$(cat new)$each $commit $1" >> vouched
        fi
    done < acceptances
}

# Trust only grows: no line about a key that was taken away vanishes, nothing accepted changes.
keeps_trust() {
    file_of "$parent" "$revoked" > list_before
    file_of "$commit" "$revoked" > list
    grep -E "$end_line" list_before | grep -qvxFf list && return 1
    file_of "$parent" "$trusted" > list_before
    file_of "$commit" "$trusted" > list
    read_signers list_before | grep -qvxFf list && return 1
    ! grep -qE "^[MDT]${tab}records/trust/(accepted|refoundings)/" changes
}

# One who acts for the head for a term neither lets a head's key in nor ends one.
oversteps() {
    case $line in *valid-after=*) ;; *) return 1 ;; esac
    file_of "$commit" "$trusted" > list
    read_signers list | grep "$head_spaces" | grep -qvxFf signers && return 0
    file_of "$parent" "$revoked" > list_before
    file_of "$commit" "$revoked" | grep -vxFf list_before > new || return 1
    grep "$head_spaces" signers > heads
    while read -r each; do
        grep -qF -- "$(fingerprint "${each##*\" }")" new && return 0
    done < heads
    return 1
}

while read -r commit; do
    take_apart
    if [ "$commit" = "$root" ]; then
        git diff-tree -r --root --no-commit-id --no-renames --name-status "$commit" > changes
        take_trust ''
    else
        git diff-tree -r --no-renames --name-status "$above" "$stored" > changes
    fi
    judge_signature
    vouches= by_paper=
    if [ "$code" = SIG_UNKNOWN_KEY ] && is_act_of_new_keys; then
        code=- vouches=$print by_paper=1
    elif [ "$code" = - ]; then
        case $is_term$line in 1*"$head_spaces"*) counts "$print" "$commit" && vouches=$print ;; esac
    fi
    echo "$commit $code ${print:--} ${vouches:--}" >> judged
    case $parents in *' '?*) fault MERGE_COMMIT 'истории соединены: предшественников несколько' ;; esac
    if [ "$commit" = "$root" ]; then
        root_key=$print
        [ -n "$vouches" ] || fault TRUST_NOT_AUTHORISED 'первое сохранение подписал не руководитель'
    elif grep -q "^[A-Z]${tab}records/trust/" changes; then
        if [ -z "$vouches" ]; then
            fault TRUST_NOT_AUTHORISED 'доверенные ключи меняет только руководитель, а это сделал не он'
        elif [ -n "$by_paper" ]; then
            take_trust ''
        elif ! keeps_trust; then
            fault TRUST_NOT_AUTHORISED 'убрано или изменено прежнее слово о ключах'
        elif oversteps; then
            fault TRUST_NOT_AUTHORISED 'ключ, данный на срок, распоряжается ключами руководителя'
        else
            take_trust "$vouches"
        fi
    fi
    if touches_acts; then
        fault ACT_INVALID 'изменено доказательство в акте, или вернулось уничтоженное'
    fi
    if [ "$code" = - ] && [ -z "$vouches" ] && beyond_staff > said; then
        case $line in *"$head_spaces"*) ;; *)
            fault SIGNER_NOT_ALLOWED 'изменено то, что меняет только руководитель' ;;
        esac
    fi
done < order

# Now that all is known: keys taken away, and what a head accepted.
commit=$last
file_of "$last" "$revoked" > list
grep -Ev '^(#.*)?$' list | grep -Evq "$end_line" &&
    fault REVOCATION_INVALID 'строка об отзыве ключа не по образцу'
good=0
while read -r commit code print _; do
    [ "$code" != - ] || counts "$print" "$commit" || code=SIG_KEY_REVOKED
    case $code in
        -) good=$((good + 1)) ;;
        SIG_MISSING) fault $code 'подписи нет' ;;
        SIG_BAD) fault $code 'подпись поддельная: не подходит к содержимому или записана не так' ;;
        SIG_UNKNOWN_KEY) fault $code 'подписано ключом, которому архив тогда не доверял' ;;
        SIG_KEY_REVOKED) fault $code 'подписано ключом, которому больше не верят' ;;
        *) fault $code 'в сохранении посторонние строки' ;;
    esac
done < judged
is_accepted() {
    case $code in
        SIG_MISSING | SIG_UNKNOWN_KEY | SIG_KEY_REVOKED | SIG_OUTSIDE_TERM | AUTHOR_MISMATCH) ;;
        MERGE_COMMIT) ;;
        *) return 1 ;;
    esac
    [ "$commit" != "$root" ] && grep "^$commit $code " vouched > known || return 1
    git diff-tree -r --no-renames --name-status "$(stored_of "$commit")^1" "$(stored_of "$commit")" > changes
    by=$(sed -n "s/^$commit .* //p" judged)
    [ "$by" != - ] && counts "$by" "$commit" || ! beyond_staff > said || return 1
    while read -r _ _ file by signer; do
        counts "$signer" "$by" && return 0
    done < known
    return 1
}
accepted=0 bad=0
while read -r commit code words; do
    if is_accepted; then
        accepted=$((accepted + 1))
        echo "Признано руководителем ($file): сохранение $commit, $words"
    else
        bad=$((bad + 1))
        printf 'НЕ СОШЛОСЬ: сохранение %s: %s\n' "$commit" "$words" >&2
    fi
done < faults

echo "Сохранений: $(wc -l < order | tr -d ' '), с верной подписью: $good, признано: $accepted, не сошлось: $bad"
echo 'Ключи, которым доверяет архив (сличите с листом ключей):'
while read -r each; do
    print=$(fingerprint "${each##*\" }") role=сотрудник
    case $each in *papka-seal*valid-after* | *valid-after*papka-seal*) role='замещает руководителя на срок' ;;
        *papka-seal*) role=руководитель ;; esac
    grep -q "^$print " ends && role="$role, больше не подписывает"
    echo "  $print  ${each%%@*}  $role"
done < signers
[ $bad = 0 ] || exit 1

# Paper says whose archive it is.
met= every=
grep "$head_spaces" signers > heads || :
while read -r each; do every="$every $(fingerprint "${each##*\" }")"; done < heads
for each in $paper_keys; do
    case " $every " in *" $each "*) ;; *) wrong "ключа руководителя $each, названного на бумаге, этот архив не знает" ;; esac
    [ "$each" != "$root_key" ] || met=1
done
for each in $paper_acts; do
    find last/records/seals -name '*.seal' -exec sha256sum {} + 2> /dev/null | grep -q "^$each " && {
        echo 'Контрольная сумма пломбы с бумаги: её сличает check-seal.sh'
        continue
    }
    find last/records/trust/refoundings -type f -exec sha256sum {} + 2> /dev/null | grep -q "^$each " ||
        wrong 'ни акта о новых ключах, ни пломбы с такой контрольной суммой в архиве нет'
done
[ -z "$paper_root" ] || [ "$paper_root" = "$root" ] || wrong 'первое сохранение не то, что на бумаге'
[ -z "$paper_root" ] || met=1
if [ -z "$met" ]; then
    echo "НЕ УСТАНОВЛЕНО, чей это архив: подписи сходятся между собой, но ключ первого сохранения $root_key с бумагой не сличён"
    exit 3
fi
# Documents by keys taken away since, entered while those counted: SIGNATURE KEY of each.
list_entered() {
    [ -s ends ] || return 0
    git log --topo-order --reverse --full-history --no-renames --diff-filter=AM --format=%H \
        --name-only "$last" -- records/registers/issued | while read -r row; do
        case $row in
            records/*)
                git cat-file blob "$at:$row" | sed -n 's/^signature: //p; s/^key: //p' > entry
                { read -r signature && read -r print; } < entry || continue
                grep -q "^$print " ends && counts "$print" "$(signed_of "$at")" &&
                    printf '%s %s\n' "$signature" "$print"
                ;;
            ?*) at=$row ;;
        esac
    done || :
}
if [ -n "$keys" ]; then
    mkdir "$keys"
    list_entered > "$keys/entered"
    for each in allowed_signers revocations; do
        [ ! -f "last/records/trust/$each" ] || cp "last/records/trust/$each" "$keys/$each"
    done
fi
echo "Каждое сохранение подписано тем, кому архив тогда доверял, и первое — тем, кто назван на бумаге: $root_key"
