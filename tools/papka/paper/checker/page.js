/* The page itself: takes a picture, a camera or a text, and shows what is proved and what is not. */
'use strict';

(() => {
  const SCHOOL = JSON.parse(document.getElementById('school').textContent);
  const by = (id) => document.getElementById(id);
  let job = 0; // the number of the newest question: answers to earlier ones are dropped
  let stream = null;

  const WORDS = {
    good: 'Подпись верна. Сверьте таблицу с бумагой',
    doubtful: 'Подпись верна, но спросите организацию',
    bad: 'Документу доверять нельзя',
  };
  const PROVED = {
    good: 'Всё, что в таблице: эти сведения подписала организация, и с тех пор они не менялись.',
    doubtful: 'Под сведениями таблицы подпись ключа организации; когда она сделана, неизвестно.',
  };
  const BY_EYE = [
    'Каждая строка таблицы — со строкой бумаги. Код можно переснять на чужой лист, поэтому верно ' +
      'то, что в таблице, а не то, что напечатано.',
    'Отметки, темы и другие строки приложения: в коде их нет, на бумаге и на снимке их могли ' +
      'изменить. Сведения о них по номеру документа даст организация.',
  ];
  const NOT_LOOKED_AT = [
    'Не испорчен ли документ, не заменён ли и не аннулирован ли: это знает только реестр ' +
      'организации.',
    'Не отозван ли ключ после того, как сделана эта страница.',
  ];

  // --- What was found ------------------------------------------------------------------------------

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  function show(verdict, title, reason, rows = [], caption = '', coverage = []) {
    by('progress').textContent = '';
    by('result').className = `result ${verdict}`;
    by('verdict').textContent = title;
    by('reason').textContent = reason;
    by('facts').hidden = !rows.length;
    by('facts-caption').textContent = caption;
    by('facts').tBodies[0].replaceChildren(...rows.map(([label, words]) => {
      const row = document.createElement('tr'), head = element('th', label);
      head.scope = 'row';
      row.append(head, element('td', words));
      return row;
    }));
    by('coverage').replaceChildren(...coverage.flatMap(([heading, lines]) => {
      const list = document.createElement('ul');
      list.append(...lines.map((line) => element('li', line)));
      return [element('h3', heading), list];
    }));
    by('result').hidden = false;
    by('result').focus();
  }

  /** The facts as the person reads them: the kind of document in words, the school by its name. */
  function rowsOf(facts) {
    return DocumentCode.listFacts(facts).map(([name, words]) => {
      let said = words;
      if (name === 'form') said = SCHOOL.titles[words.split('@')[0]] ?? words;
      if (name === 'organization' && SCHOOL.names[words]) said = `${SCHOOL.names[words]} (${words})`;
      return [SCHOOL.labels[name], said];
    });
  }

  async function judgeText(text, asked) {
    let read;
    try {
      read = DocumentCode.read(text);
    } catch (error) {
      if (!(error instanceof DocumentCode.BadCode)) throw error;
      show('bad', 'Код не принят', `Причина: ${error.message}. Прочтите код ещё раз, целиком; если ` +
        'он напечатан так, документу верить нельзя.');
      return;
    }
    const { verdict, reason } = await DocumentCode.judge(read, SCHOOL);
    if (asked !== job) return;
    const rows = rowsOf(read.facts);
    if (verdict === 'bad') {
      show('bad', WORDS.bad, `${reason} Запросите у организации сведения о документе по его номеру.`,
        rows, 'Написано в коде, подпись НЕ подтверждена', [['Доказано', ['Ничего.']]]);
      return;
    }
    show(verdict, WORDS[verdict], reason, rows, 'Подписано', [
      ['Доказано', [PROVED[verdict]]], ['Не доказано кодом, сверьте глазами', BY_EYE],
      ['Не проверялось', NOT_LOOKED_AT],
    ]);
  }

  async function judgeFound({ texts, seen }, asked) {
    if (asked !== job) return;
    if (texts.length > 1) {
      show('bad', WORDS.bad, 'На снимке несколько разных кодов, а у документа код один. Если на ' +
        'снимок попали два документа, снимите каждый отдельно.');
    } else if (texts.length) {
      await judgeText(texts[0], asked);
    } else if (seen) {
      show('doubtful', 'Код виден, но не прочитан', 'Это не значит, что документ поддельный. ' +
        'Снимите код ближе и прямо, без тени и бликов, чтобы он занял большую часть снимка.');
    } else {
      show('doubtful', 'Код на снимке не найден', 'Это не значит, что его нет на бумаге. Снимите ' +
        'первый лист документа, код — ближе и прямо, без тени и бликов.');
    }
  }

  // --- Three ways to give a code -----------------------------------------------------------------------

  function begin(words) {
    stopCamera();
    by('result').hidden = true;
    by('progress').textContent = words;
    return ++job;
  }

  by('typed').addEventListener('submit', (event) => {
    event.preventDefault();
    judgeText(by('code').value.trim(), begin(''));
  });

  by('picture').addEventListener('change', async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const asked = begin('Ищу код на снимке…');
    event.target.value = ''; // so that the same picture can be chosen again
    let picture;
    try {
      picture = await createImageBitmap(file);
    } catch {
      const hint = file.type === 'application/pdf'
        ? 'PDF эта страница не открывает: откройте его и сделайте снимок экрана с кодом.'
        : 'Нужен снимок JPEG или PNG.';
      if (asked === job) show('doubtful', 'Файл не открывается как снимок', hint);
      return;
    }
    const found = await PictureReading.read(picture, picture.width, picture.height);
    picture.close();
    await judgeFound(found, asked);
  });

  by('camera').addEventListener('click', async () => {
    const asked = begin('Включаю камеру…');
    if (!navigator.mediaDevices) {
      show('doubtful', 'Камера здесь недоступна', 'Браузер даёт её только страницам с адресом ' +
        'https. Сфотографируйте код и выберите снимок.');
      return;
    }
    let started;
    try {
      const video = { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1080 } };
      started = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    } catch {
      if (asked === job) {
        show('doubtful', 'Камера не включилась', 'Разрешите странице камеру в настройках браузера ' +
          'или сфотографируйте код и выберите снимок.');
      }
      return;
    }
    if (asked !== job) { // another way was chosen meanwhile
      for (const track of started.getTracks()) track.stop();
      return;
    }
    stream = started;
    by('video').srcObject = stream;
    by('viewer').hidden = false;
    by('progress').textContent = 'Наведите камеру на код: он должен занять большую часть кадра.';
    await by('video').play();
    await watch(asked);
  });

  /** Look at frame after frame until a code is read or the camera is stopped. */
  async function watch(asked) {
    const video = by('video');
    while (asked === job && stream) {
      const found = await PictureReading.read(video, video.videoWidth, video.videoHeight, true);
      if (asked !== job || !stream) return;
      if (found.texts.length) {
        stopCamera();
        await judgeFound(found, asked);
        return;
      }
      await new Promise((done) => setTimeout(done, 150));
    }
  }

  function stopCamera() {
    for (const track of stream ? stream.getTracks() : []) track.stop();
    stream = null;
    by('video').srcObject = null;
    by('viewer').hidden = true;
    by('progress').textContent = '';
  }

  by('stop').addEventListener('click', () => {
    job++;
    stopCamera();
    by('camera').focus();
  });

  // --- Whose page it is ----------------------------------------------------------------------------------

  by('school-name').textContent = SCHOOL.name;
  by('made').textContent = 'Ключи руководителя организации на ' +
    `${DocumentCode.spellDay(SCHOOL.made)}. Об отзыве ключа после этого дня страница не знает: ` +
    'организация кладёт на сайт новую.';
  const ENDED = { retired: '; больше не подписывает', compromised: '; отозван, ему не верить' };
  by('keys').append(...SCHOOL.keys.map((key) => {
    const term = key.since
      ? `; на срок с ${DocumentCode.spellDay(key.since)} по ${DocumentCode.spellDay(key.until)}` : '';
    return element('li', key.fingerprint + term + (ENDED[key.ended] ?? ''));
  }));
})();
