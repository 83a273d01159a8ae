/* Reads the text of a document's code as docs/qr.md tells, and judges who signed it.

The reading is as strict as papka's own: a code has one acceptable spelling, and whatever is spelled
otherwise is refused with the reason. `SCHOOL` are the keys of the school as they were on the day
the page was made.
*/
'use strict';

const DocumentCode = (() => {
  const PREFIX = 'PAPKA1:';
  const SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
  const LONGEST = 300;
  const IS_UTF8 = 0x80, IS_CUT = 0x40, CUT_DIGEST = 8;
  const CORES = { 0x3d: 96, 0x3e: 64, 0x3f: 69 };
  const WIDTHS = { date: 4, digest: 16, hint: 4 };
  /** Tag -> name of the fact, how it is written. */
  const FACTS = {
    1: ['form', 'text'],
    2: ['number', 'text'],
    3: ['date', 'date'],
    4: ['holder', 'text'],
    5: ['birth_date', 'date'],
    6: ['programme', 'text'],
    7: ['hours', 'text'],
    8: ['started', 'date'],
    9: ['ended', 'date'],
    10: ['result', 'text'],
    11: ['order', 'text'],
    12: ['duplicate_of', 'text'],
    13: ['organization', 'text'],
    14: ['entry', 'digest'],
    15: ['key', 'hint'],
  };
  const REQUIRED = ['form', 'number', 'date', 'holder', 'organization', 'entry', 'key'];

  /** Why a text is no code of a document, in the words of the person who has it. */
  class BadCode extends Error {}

  function fromBase45(text) {
    if (text.length % 3 === 1) throw new BadCode('код записан не целиком: текст обрывается');
    const data = [];
    for (let at = 0; at < text.length; at += 3) {
      const group = text.slice(at, at + 3);
      let value = 0;
      for (const sign of [...group].reverse()) {
        if (!SIGNS.includes(sign)) throw new BadCode(`в коде посторонний знак «${sign}»`);
        value = value * 45 + SIGNS.indexOf(sign);
      }
      if (value >= 256 ** (group.length - 1)) {
        throw new BadCode(`в коде невозможное сочетание знаков «${group}»`);
      }
      if (group.length === 3) data.push(value >> 8);
      data.push(value & 255);
    }
    return Uint8Array.from(data);
  }

  // --- Texts -----------------------------------------------------------------------------------------

  /** The signs of Windows-1251 by their bytes; undefined for the one byte that stands for none. */
  const CYRILLIC = (() => {
    const decoder = new TextDecoder('windows-1251');
    const signs = Array.from({ length: 256 }, (_, byte) => decoder.decode(Uint8Array.of(byte)));
    signs[0x98] = undefined; // browsers put an invisible sign there
    return signs;
  })();
  const IN_CYRILLIC = new Set(CYRILLIC);

  /** The text as it would be signed: NFC, single spaces, nothing invisible. */
  function normal(text) {
    const seen = text.normalize('NFC')
      .replace(/[\p{White_Space}\u001c-\u001f]/gu, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '');
    return seen.split(' ').filter(Boolean).join(' ').normalize('NFC');
  }

  function readText(data, tag) {
    const isCut = Boolean(tag & IS_CUT), body = data.subarray(isCut ? CUT_DIGEST : 0);
    if (isCut && data.length < CUT_DIGEST) throw new BadCode('код обрывается');
    let text;
    if (tag & IS_UTF8) {
      try {
        text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
      } catch {
        throw new BadCode('текст в коде не прочесть');
      }
      if ([...text].every((sign) => IN_CYRILLIC.has(sign))) {
        throw new BadCode('сведения записаны не в единственно допустимом виде');
      }
    } else {
      const signs = [...body].map((byte) => CYRILLIC[byte]);
      if (signs.includes(undefined)) throw new BadCode('текст в коде не прочесть');
      text = signs.join('');
    }
    if (normal(text) !== text) {
      throw new BadCode('в тексте кода есть невидимые знаки или лишние пробелы');
    }
    return isCut ? `${text}…` : text;
  }

  /** A day as `2026-06-11`, from four bytes whose hexadecimal digits read as the date. */
  function readDay(data) {
    const digits = Signature.hex(data);
    const day = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
    const moment = new Date(`${day}T00:00:00Z`);
    const isDay = /^\d{8}$/.test(digits) && !digits.startsWith('0000') && !Number.isNaN(+moment);
    if (!isDay || moment.toISOString().slice(0, 10) !== day) {
      throw new BadCode(`в коде стоит дата, которой нет: ${digits}`);
    }
    return day;
  }

  // --- The whole code ----------------------------------------------------------------------------------

  /**
   * Read the text of a code. Throws BadCode.
   * @returns {{facts: Object, message: Uint8Array, core: Uint8Array}} the facts by name, the bytes
   *     that were signed, what the code holds of the signature
   */
  function read(code) {
    if (!code.startsWith(PREFIX)) {
      throw new BadCode(`это не код документа: он начинается с «${PREFIX}»`);
    }
    const payload = fromBase45(code.slice(PREFIX.length));
    if (!payload.length) throw new BadCode('код пуст');
    if (payload[0] !== 1) {
      throw new BadCode(`код версии ${payload[0]}, а эта страница знает только версию 1`);
    }
    if (payload.length > LONGEST) throw new BadCode(`код длиннее ${LONGEST} байтов`);
    let at = 1, last = 0, tag;
    const take = (count) => {
      if (at + count > payload.length) throw new BadCode('код обрывается');
      at += count;
      return payload.subarray(at - count, at);
    };
    const facts = {};
    while (!CORES[(tag = take(1)[0])]) {
      const bare = tag & ~(IS_UTF8 | IS_CUT), [name, kind] = FACTS[bare] ?? [];
      if (!name || (kind !== 'text' && tag !== bare)) {
        throw new BadCode(`в коде неизвестное сведение (метка ${tag})`);
      }
      if (bare <= last) throw new BadCode('сведения в коде стоят не по порядку');
      last = bare;
      const data = take(kind === 'text' ? take(1)[0] : WIDTHS[kind]);
      if (kind === 'text') facts[name] = readText(data, tag);
      else facts[name] = kind === 'date' ? readDay(data) : Signature.hex(data);
    }
    const message = payload.slice(0, at - 1), core = payload.slice(at, at + CORES[tag]);
    take(CORES[tag]);
    if (at !== payload.length) throw new BadCode('после подписи есть лишние байты');
    const missing = REQUIRED.find((name) => !(name in facts));
    if (missing) throw new BadCode('в коде нет обязательных сведений');
    return { facts, message, core };
  }

  /** Facts that a person can compare with the paper, as [name, words]. */
  function listFacts(facts) {
    const rows = [];
    for (const [name, kind] of Object.values(FACTS)) {
      if (!(name in facts) || kind === 'digest' || kind === 'hint') continue;
      rows.push([name, kind === 'date' ? spellDay(facts[name]) : facts[name]]);
    }
    return rows;
  }

  const spellDay = (day) => day.split('-').reverse().join('.');

  const fromBase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

  /**
   * Judge a code that was read.
   * @param {{keys: Array}} school keys as `blob` (base64), `since` and `until` (empty without a
   *     term), `ended`: '', 'retired' or 'compromised'
   * @returns {Promise<{verdict: string, reason: string}>} verdict 'good', 'doubtful' or 'bad'
   */
  async function judge({ facts, message, core }, school) {
    const named = school.keys.filter((key) =>
      Signature.hex(Signature.sha(256, fromBase64(key.blob))).startsWith(facts.key),
    );
    const bad = (reason) => ({ verdict: 'bad', reason });
    if (!named.length) {
      return bad('Код подписан ключом, которого нет среди ключей этой организации: подписать мог ' +
        'кто угодно. Возможно, документ выдала другая организация.');
    }
    const faults = await Promise.all(
      named.map((key) => Signature.faultOf(fromBase64(key.blob), core, message)),
    );
    const key = named[faults.indexOf('')];
    if (!key) return bad(`Подпись неверна: ${faults[0]}. Сведения изменены или подпись чужая.`);
    if (key.since && (facts.date < key.since || facts.date > key.until)) {
      return bad(`Документ датирован ${spellDay(facts.date)}, а ключ дан на срок с ` +
        `${spellDay(key.since)} по ${spellDay(key.until)}.`);
    }
    if (key.ended === 'compromised') {
      return bad('Код подписан отозванным ключом: им могут владеть посторонние.');
    }
    if (key.ended === 'retired') {
      return {
        verdict: 'doubtful',
        reason: 'Подпись верна, но этим ключом больше не подписывают. Подписан ли документ ' +
          'раньше, скажет только организация: спросите её по номеру документа.',
      };
    }
    return { verdict: 'good', reason: 'Подпись верна: эти сведения подписала организация.' };
  }

  return { PREFIX, BadCode, read, listFacts, judge, spellDay };
})();
