/* Verifies a signature of ed25519 or P-384 as ssh-keygen makes it (SSHSIG), in the browser.

WebCrypto does it where it knows the curve; elsewhere the verification below, which takes some
hundredths of a second. Nothing here is secret, so nothing has to take the same time for all data.
Bytes are Uint8Array everywhere.
*/
'use strict';

const Signature = (() => {
  // --- SHA-256, SHA-384 and SHA-512: the same steps on words of 32 and of 64 bits ---------------------------

  /** The first 80 primes, whose roots give the constants. */
  const PRIMES = [];
  for (let number = 2; PRIMES.length < 80; number++)
    if (PRIMES.every((prime) => number % prime)) PRIMES.push(number);

  /** The first `bits` bits after the point of the second or third root of a prime. */
  function rootBits(prime, power, bits) {
    const wanted = BigInt(prime) << BigInt(bits * power);
    let low = 0n, high = 1n << BigInt(bits + 8);
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle ** BigInt(power) <= wanted) low = middle;
      else high = middle;
    }
    return BigInt.asUintN(bits, low);
  }

  const KINDS = {
    256: { word: 32, rounds: 64, big: [2, 13, 22, 6, 11, 25], small: [7, 18, 3, 17, 19, 10] },
    512: { word: 64, rounds: 80, big: [28, 34, 39, 14, 18, 41], small: [1, 8, 7, 19, 61, 6] },
  };
  KINDS[384] = { ...KINDS[512], first: 8 };
  for (const kind of Object.values(KINDS)) {
    const first = kind.first || 0;
    kind.start = PRIMES.slice(first, first + 8).map((prime) => rootBits(prime, 2, kind.word));
    kind.keys = PRIMES.slice(0, kind.rounds).map((prime) => rootBits(prime, 3, kind.word));
  }

  function sha(bits, data) {
    const { word, rounds, big, small, start, keys } = KINDS[bits];
    const block = word * 2, tail = word / 4;
    const cut = (value) => BigInt.asUintN(word, value);
    const turn = (value, by) => (value >> BigInt(by)) | cut(value << BigInt(word - by));
    const sigma = (value, at, shifts) =>
      turn(value, shifts[at]) ^ turn(value, shifts[at + 1]);
    const full = new Uint8Array(Math.ceil((data.length + 1 + tail) / block) * block);
    full.set(data);
    full[data.length] = 0x80;
    new DataView(full.buffer).setUint32(full.length - 4, data.length * 8);
    let state = start;
    for (let from = 0; from < full.length; from += block) {
      const words = [];
      for (let at = 0; at < 16; at++) {
        words.push(number(full.subarray(from + (at * word) / 8, from + ((at + 1) * word) / 8)));
      }
      for (let at = 16; at < rounds; at++) {
        const low = sigma(words[at - 15], 0, small) ^ (words[at - 15] >> BigInt(small[2]));
        const high = sigma(words[at - 2], 3, small) ^ (words[at - 2] >> BigInt(small[5]));
        words.push(cut(words[at - 16] + low + words[at - 7] + high));
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let at = 0; at < rounds; at++) {
        const choice = (e & f) ^ (cut(~e) & g), most = (a & b) ^ (a & c) ^ (b & c);
        const one = h + (sigma(e, 3, big) ^ turn(e, big[5])) + choice + keys[at] + words[at];
        const two = (sigma(a, 0, big) ^ turn(a, big[2])) + most;
        [h, g, f, e, d, c, b, a] = [g, f, e, cut(d + one), c, b, a, cut(one + two)];
      }
      state = [a, b, c, d, e, f, g, h].map((value, at) => cut(value + state[at]));
    }
    return join(...state.map((value) => bytesOf(value, word / 8))).subarray(0, bits / 8);
  }

  // --- Bytes and numbers ---------------------------------------------------------------------------

  function join(...parts) {
    const found = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      found.set(part, at);
      at += part.length;
    }
    return found;
  }

  const hex = (data) => [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const number = (data) => BigInt(`0x${hex(data) || '0'}`);
  const littleNumber = (data) => number([...data].reverse());
  const bytesOf = (value, length) =>
    Uint8Array.from(value.toString(16).padStart(length * 2, '0').match(/../g), (pair) =>
      parseInt(pair, 16),
    );
  const ascii = (text) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
  /** A string as ssh writes it: its length in four bytes, then its bytes. */
  const wire = (data) => join(bytesOf(BigInt(data.length), 4), data);

  // --- ed25519 (RFC 8032) --------------------------------------------------------------------------

  const P = 2n ** 255n - 19n;
  const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
  const mod = (value) => ((value % P) + P) % P;

  function power(base, exponent) {
    let found = 1n;
    for (let left = exponent, at = mod(base); left > 0n; left >>= 1n) {
      if (left & 1n) found = (found * at) % P;
      at = (at * at) % P;
    }
    return found;
  }

  const D = mod(-121665n * power(121666n, P - 2n));

  /** The point that 32 bytes stand for, as [X, Y, Z, T]; null for none, or another spelling. */
  function pointOf(data) {
    const whole = littleNumber(data), y = BigInt.asUintN(255, whole), odd = whole >> 255n;
    if (y >= P) return null;
    const above = mod(y * y - 1n), below = mod(D * y * y + 1n);
    let x = mod(above * below ** 3n * power(above * below ** 7n, (P - 5n) / 8n));
    if (mod(below * x * x) !== above) x = mod(x * power(2n, (P - 1n) / 4n));
    if (mod(below * x * x) !== above || (x === 0n && odd)) return null;
    if ((x & 1n) !== odd) x = P - x;
    return [x, y, 1n, mod(x * y)];
  }

  function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
    const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2));
    const c = mod(2n * D * t1 * t2), d = mod(2n * z1 * z2);
    const e = b - a, f = d - c, g = d + c, h = b + a;
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
  }

  function multiply(point, times) {
    let found = [0n, 1n, 1n, 0n];
    for (let left = times, at = point; left > 0n; left >>= 1n) {
      if (left & 1n) found = add(found, at);
      at = add(at, at);
    }
    return found;
  }

  const BASE = pointOf(bytesOf(mod(4n * power(5n, P - 2n)), 32).reverse());

  /** Whether the key (32 bytes) made this signature (64 bytes) of this message. */
  function verifiesHere(key, signature, message) {
    const a = pointOf(key), r = pointOf(signature.subarray(0, 32));
    const s = littleNumber(signature.subarray(32));
    if (!a || !r || s >= ORDER) return false;
    const k = littleNumber(sha(512, join(signature.subarray(0, 32), key, message))) % ORDER;
    const [x1, y1, z1] = multiply(BASE, s), [x2, y2, z2] = add(r, multiply(a, k));
    return mod(x1 * z2 - x2 * z1) === 0n && mod(y1 * z2 - y2 * z1) === 0n;
  }

  // --- P-384 (FIPS 186-4) ----------------------------------------------------------------------------

  const P384 = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
  const P384_ORDER = 2n ** 384n - 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68dn;
  const P384_B = BigInt(
    '0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef',
  );
  const P384_BASE = [
    '0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7',
    '0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f',
  ].map(BigInt);
  const rest = (value, by) => ((value % by) + by) % by;

  /** The inverse of a number by a prime. */
  function inverse(value, by) {
    let [a, b, x, y] = [rest(value, by), by, 1n, 0n];
    while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
    return rest(x, by);
  }

  /** The sum of two points of P-384 as [x, y]; null is the point at infinity. */
  function addP384(one, other) {
    if (!one || !other) return one || other;
    const [x1, y1] = one, [x2, y2] = other;
    if (x1 === x2 && rest(y1 + y2, P384) === 0n) return null;
    const slope = x1 === x2
      ? (3n * x1 * x1 - 3n) * inverse(2n * y1, P384)
      : (y2 - y1) * inverse(x2 - x1, P384);
    const x = rest(slope * slope - x1 - x2, P384);
    return [x, rest(slope * (x1 - x) - y1, P384)];
  }

  function multiplyP384(point, times) {
    let found = null;
    for (let left = times, at = point; left > 0n; left >>= 1n) {
      if (left & 1n) found = addP384(found, at);
      at = addP384(at, at);
    }
    return found;
  }

  /** Whether the key (97 bytes) made this signature (96 bytes, R and S) of this message. */
  function verifiesP384(key, signature, message) {
    const x = number(key.subarray(1, 49)), y = number(key.subarray(49));
    const r = number(signature.subarray(0, 48)), s = number(signature.subarray(48));
    const isOnCurve = rest(y * y - x * x * x + 3n * x - P384_B, P384) === 0n;
    if (key.length !== 97 || key[0] !== 4 || x >= P384 || y >= P384 || !isOnCurve) return false;
    if (r <= 0n || r >= P384_ORDER || s <= 0n || s >= P384_ORDER) return false;
    const z = number(sha(384, message)), turned = inverse(s, P384_ORDER);
    const point = addP384(
      multiplyP384(P384_BASE, rest(z * turned, P384_ORDER)),
      multiplyP384([x, y], rest(r * turned, P384_ORDER)),
    );
    return point !== null && rest(point[0], P384_ORDER) === r;
  }

  async function verifies(key, signature, message) {
    if (key.length === 97) return verifiesP384(key, signature, message);
    let known;
    try {
      known = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
    } catch { // no WebCrypto on a page without https, no ed25519 in an older browser
      return verifiesHere(key, signature, message);
    }
    return crypto.subtle.verify({ name: 'Ed25519' }, known, signature, message);
  }

  // --- The signature of a document -------------------------------------------------------------------

  const NAMESPACE = 'papka-document';
  const TOUCHED = 1; // the flag by which a hardware key says that it was touched

  const KEYS = {
    'ssh-ed25519': { size: 32, core: 64 },
    'sk-ssh-ed25519@openssh.com': { size: 32, core: 69 },
    'ecdsa-sha2-nistp384': { curve: 'nistp384', size: 97, core: 96 },
  };

  /** A key of ssh: its kind and its bytes, 32 or of P-384 97; null for what is no such key. */
  function readKey(blob) {
    for (const [kind, { curve, size }] of Object.entries(KEYS)) {
      const named = curve ? wire(ascii(curve)) : new Uint8Array();
      const begins = join(wire(ascii(kind)), named, bytesOf(BigInt(size), 4));
      const ends = kind.startsWith('sk') ? wire(ascii('ssh:')) : new Uint8Array();
      const point = blob.subarray(begins.length, begins.length + size);
      if (hex(join(begins, point, ends)) === hex(blob)) return { kind, point };
    }
    return null;
  }

  /** Why the key did not sign these bytes; empty when it did. `core`: what the code holds of it. */
  async function faultOf(blob, core, message) {
    const key = readKey(blob);
    if (!key || core.length !== KEYS[key.kind].core) {
      return 'вид подписи не совпадает с видом ключа';
    }
    const isP384 = Boolean(KEYS[key.kind].curve);
    const point = isP384 ? core : core.subarray(0, 64);
    const tail = isP384 ? new Uint8Array() : core.subarray(64);
    if (tail.length && !(tail[0] & TOUCHED)) return 'ключ-токен подписал без прикосновения';
    if (isP384) {
      if (number(core.subarray(48)) > P384_ORDER / 2n) return 'число S больше половины порядка группы';
    } else if (littleNumber(point.subarray(32)) >= ORDER) return 'число S больше порядка группы';
    let signed = join(
      ascii('SSHSIG'), wire(ascii(NAMESPACE)), wire([]), wire(ascii('sha512')),
      wire(sha(512, message)),
    );
    if (tail.length) signed = join(sha(256, ascii('ssh:')), tail, sha(256, signed));
    return (await verifies(key.point, point, signed)) ? '' : 'она не подходит к сведениям кода';
  }

  return { faultOf, verifiesHere, verifiesP384, sha, hex };
})();
