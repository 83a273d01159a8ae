#!/bin/sh
# Чего сегодня требует календарь: копии за год на двух носителях (до 25 января), закрытие периодов,
# пломбы, зеркала, согласия, выдачи, хранение. Для задания по расписанию на своём сервере школы:
#   17 7 * * *  cd /srv/archive && export PAPKA=/usr/local/bin/papka && { $PAPKA sync > /dev/null; sh tools/calendar.sh; }
# Молчит, когда ничего не требуется: письмо от cron значит, что пора что-то сделать. Код возврата:
# 0 — просроченного нет, 1 — есть, остальные: papka --help. Другой день: tools/calendar.sh 2027-01-26
# Программа: papka или переменная PAPKA. Имён людей здесь не печатается, только номера.
set -u
cd "$(dirname "$0")/.." || exit 3
papka=${PAPKA:-papka}
if ! command -v "$papka" >/dev/null 2>&1; then
    echo 'На сервере нет программы papka. Установите её или задайте путь: PAPKA=/путь/papka' >&2
    exit 3
fi
set -- ${1:+--on "$1"}
exec "$papka" status --due --quiet --format "${PAPKA_FORMAT:-text}" "$@"
