#!/bin/sh
# Проверка присланного изменения на любом сервере: tools/check.sh [С_КАКОЙ_ЗАПИСИ]
# Запускать в полной копии архива (git clone без --depth). Программа: papka или переменная PAPKA.
set -u
cd "$(dirname "$0")/.." || exit 3
papka=${PAPKA:-papka}
if ! command -v "$papka" >/dev/null 2>&1; then
    echo 'На сервере нет программы papka. Установите её или задайте путь: PAPKA=/путь/papka' >&2
    exit 3
fi
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
    echo 'Копия архива неполная. Получите всю историю: git fetch --unshallow' >&2
    exit 3
fi
since=${1:-}
# у новой ветки прежней записи нет, её имя состоит из нулей: тогда сравнивать не с чем
case $since in *[!0]*) ;; *) since= ;; esac
worst=0
if [ -n "$since" ]; then
    "$papka" check --since "$since" --format "${PAPKA_FORMAT:-text}" || worst=$?
else
    "$papka" check --format "${PAPKA_FORMAT:-text}" || worst=$?
fi
"$papka" verify || worst=$?
exit "$worst"
