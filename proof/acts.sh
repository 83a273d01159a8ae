# Acts of destruction taken off a history, for check-seal.sh and
# check-signatures.sh; it is read in by them and does nothing by itself.
#
# What was destroyed by law is gone from every commit, so those commits were written anew, unsigned.
# Beside each act lies the evidence: commits as they were signed, and their folders above what was
# destroyed. peel_acts puts all of it before git and goes down the history: below a commit lies the
# one that it was signed on, below an act the one that the act names. Each commit written anew must
# be the signed one without what the acts name, with nothing else different. `moved` then has a line
# for each: the commit in the store, the commit as it was signed.
no_files=4b825dc642cb6eb9a060e54bf8d69288fbee4904
newline='
'

has_acts() { [ -n "$(find "$room/last/records/acts" -name evidence.pack 2> /dev/null | head -n 1)" ]; }

# The commit in the store of one named as it was signed, and the other way round.
stored_of() {
    case $pairs in *"=$1 "*) in_store=${pairs%%"=$1 "*} && printf '%s\n' "${in_store##* }" ;;
        *) printf '%s\n' "$1" ;; esac
}
signed_of() {
    case $pairs in *" $1="*) as_signed=${pairs#*" $1="} && printf '%s\n' "${as_signed%% *}" ;;
        *) printf '%s\n' "$1" ;; esac
}
# The tree of a commit and its parents, which need not be there.
links_of() { git rev-parse "$1^{tree}" "$1^@" 2> /dev/null; }

# Adds what the act $act names: to `units` those gone whole, to `inside` those that lost files.
read_act() {
    sed -n '/^what:/,/^[a-z]/p' "$act" | sed -E 's/^ *- /+&/; s/^\+ *- /+/' |
        tr '\n' ' ' | tr '+' '\n' | grep -E '^path: ' > "$room/items" || :
    grep -v ' entry: ' "$room/items" | sed -E 's/^path: ([^ ]+).*/\1/' >> "$room/units" || :
    grep ' entry: ' "$room/items" | sed -E 's/^path: ([^ ]+).*/\1/' | sort -u > "$room/inside-$number" || :
    old_head=$(sed -nE 's/^old_head: ["'"'"']?([0-9a-f]{40})["'"'"']?$/\1/p' "$act")
    evidence=$(sed -nE 's/^evidence: ["'"'"']?([0-9a-f]{64})["'"'"']?$/\1/p' "$act")
    is_id "$old_head" && [ -n "$evidence" ] || wrong "акт № $number записан не по образцу"
    one='[A-Za-z0-9_-][A-Za-z0-9._-]*'
    if cat "$room/units" "$room/inside-$number" | grep -qvE "^records/(students/$one/$one|\
orders/$one/[A-Za-z0-9_-]+|registers/$one/$one/[A-Za-z0-9_-]+|imports/$one/$one/(original|unmatched))\$"
    then
        wrong "акт № $number называет не то, что уничтожают целиком"
    fi
}

# Puts evidence before git: the act's own, and that inside units which still stand.
take_evidence() {
    pack=$room/last/records/acts/$number/evidence.pack
    [ "$(digest "$pack")" = "$evidence" ] || wrong "доказательство акта № $number не то, что в нём названо"
    git index-pack --stdin < "$pack" > "$room/said" 2>&1 || wrong "доказательство акта № $number не прочесть"
}
take_inner_evidence() {
    act=$room/last/records/acts/$number/act.yaml
    while read -r unit; do
        grep -qxF "$unit" "$room/units" && continue
        pack=$room/last/$unit/destroyed/$number
        [ -f "$pack.pack" ] && [ -f "$pack.files" ] || wrong "нет доказательства акта № $number в $unit"
        tr -d '\n' < "$act" |
            grep -qE "path: $unit/destroyed/$number\.pack[, ]+ *sha256: $(digest "$pack.pack")" ||
            wrong "доказательство акта № $number в $unit не то, что в нём названо"
        git index-pack --stdin < "$pack.pack" > "$room/said" 2>&1 ||
            wrong "доказательство акта № $number в $unit не прочесть"
        sed -nE "s#^[0-9a-f]{64}  [0-9a-f]{40}  ($unit/attachments/[^/]+)\$#\1#p" "$pack.files" >> "$room/gone"
    done < "$room/inside-$number"
}

# Whether acts name this path: a unit, a file of one that is several, or one file in a folder that
# stays. is_whole: either of the first two.
is_gone() { grep -qxF "$1" "$room/gone" || is_whole "$1"; }
is_whole() {
    grep -qxF "$1" "$room/units" && return 0
    case $1 in
        records/orders/* | records/registers/*) grep -qxF "${1%%.*}" "$room/units" ;;
        *) return 1 ;;
    esac
}

# Whether the folder $2 is the folder $1 without what acts name, and nothing else is
# different. $3: its path. What is gone is added to `lost`; $judged: pairs looked at before.
is_cut() {
    case $judged in *" $1-$2-$3 "*) return 0 ;; esac
    git diff-tree --no-renames "$1" "$2" > "$room/cut-$4" || return 1
    while read -r mode mode_now was is how name; do
        case $how$mode$mode_now in
            D:*) is_gone "$3$name" && { echo "$was $3$name" >> "$room/lost"; continue; }
                [ "$mode" = :040000 ] && is_cut "$was" $no_files "$3$name/" "$4-" || return 1 ;;
            M:040000040000) is_cut "$was" "$is" "$3$name/" "$4-" || return 1 ;;
            *) return 1 ;;
        esac
    done < "$room/cut-$4"
    case $3 in */*/*) judged="$judged $1-$2-$3 " ;; esac # those above differ in every commit
}

# Whether $new is $old written anew: other parents, without a signature and what acts name.
is_rewritten() {
    git cat-file commit "$old" | sed "1,/^\$/{ /^gpgsig /,/^\$/{ /^\$/!d; }
        s/^tree .*/tree ${links_new%%$newline*}/; s/^parent .*/parent ${links_new#*$newline}/; }" > "$room/due"
    git cat-file commit "$new" | cmp -s - "$room/due" ||
        wrong "в переписанном сохранении $old изменены автор, время или описание"
    is_cut "${links_old%%$newline*}" "${links_new%%$newline*}" '' c ||
        wrong "из сохранения $old изъято не то, что названо в актах, или изменено другое"
}

# Goes down from the last commit: $new in the store, $old as it was signed.
follow() {
    new=$last old=$last left=$(wc -l < "$room/brought" | tr -d ' ') judged=
    while :; do
        is_id "$new" && is_id "$old" && links_new=$(links_of "$new") && links_old=$(links_of "$old") ||
            wrong 'история до акта не продолжает прежнюю: сохранения выброшены или добавлены'
        if [ "$new" != "$old" ]; then
            is_rewritten
            echo "$new $old" >> "$room/moved"
        elif [ "$left" = 0 ]; then
            return
        fi
        below=$(sed -n "s/^$new //p" "$room/brought")
        [ -z "$below" ] || left=$((left - 1))
        old=${below:-${links_old#*$newline}} new=${links_new#*$newline}
    done
}

# The commit that brought an act brings nothing else.
is_alone() {
    ! git diff-tree -r --no-renames --name-status "$at^" "$at" | grep -qvE \
        "^A.records/(acts/$number/(act\.yaml|evidence\.pack)|students/[^/]+/[^/]+/destroyed/$number\.(pack|files))\$"
}

# Whether the commit whose $room/changes are given changes evidence, or brings back what is gone.
touches_acts() {
    [ -s "$room/moved" ] || return 1
    if grep -E '^[A-Z].(records/acts/|records/students/[^/]+/[^/]+/destroyed/)' "$room/changes" |
        grep -qvE '^[AM].records/acts/[1-9][0-9]*/purged\.yaml$'
    then
        grep -q "^$(stored_of "$commit") " "$room/brought" || return 0
    fi
    while read -r unit; do
        grep -qE "^[AM].$unit([./]|\$)" "$room/changes" && return 0
    done < "$room/gone"
    return 1
}

peel_acts() {
    : > "$room/moved"
    : > "$room/units"
    : > "$room/brought"
    pairs=
    has_acts || return 0
    if [ -n "$(git rev-list --min-parents=2 "$last" | head -n 1)" ]; then
        cannot 'в истории с актами об уничтожении есть соединения: проверьте papka verify'
    fi
    git ls-tree --name-only "$last:records/acts" | grep -E '^[1-9][0-9]{0,5}$' | sort -rn > "$room/numbers"
    [ "$(wc -l < "$room/numbers")" = "$(head -n 1 "$room/numbers")" ] || wrong 'номера актов идут не подряд'
    while read -r number; do
        act=$room/last/records/acts/$number/act.yaml
        [ -f "$act" ] || wrong "нет текста акта № $number"
        at=$(git rev-list "$last" -- "records/acts/$number/act.yaml")
        is_id "$at" || wrong "текст акта № $number меняли"
        is_alone || wrong "вместе с актом № $number внесено что-то ещё"
        read_act
        take_evidence
        echo "$at $old_head" >> "$room/brought"
    done < "$room/numbers"
    cp "$room/units" "$room/gone"
    while read -r number; do
        take_inner_evidence
    done < "$room/numbers"
    follow
    pairs=" $(tr ' \n' '= ' < "$room/moved")"
    echo "Акты об уничтожении сняты: $(wc -l < "$room/numbers" | tr -d ' '), сохранений переписано: $(wc -l < "$room/moved" | tr -d ' ')"
}
