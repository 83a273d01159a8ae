/* Reads the QR code of a document from grey points.

Knows exactly the codes that papka prints (docs/qr.md): version 13, that is 69 modules a side, level
M, alphanumeric. So the places of all patterns are known beforehand, and the grid can be laid over a
crooked photograph by trying how well they fit. Points are numbered from the left and the top; a
place in the code is counted in modules, the middle of the first one is 0.5.
*/
'use strict';

const QrDecoder = (() => {
  const SIDE = 69;
  const ALIGNED = [6, 34, 62]; // middles of alignment patterns, both ways
  const DATA_BLOCKS = [37, 37, 37, 37, 37, 37, 37, 37, 38]; // bytes of data in each block
  const CHECK = 22; // bytes of correction in each block: 11 wrong bytes are mended
  const SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

  // --- What is known of the code: -1 for data, else 1 dark and 0 light -------------------------

  const KNOWN = makeKnown();
  const PATTERNS = listPatterns();
  const CORNERS = PATTERNS.filter(([u, v]) => (u < 7 && (v < 7 || v > 62)) || (u > 62 && v < 7));

  function makeKnown() {
    const known = new Int8Array(SIDE * SIDE).fill(-1);
    const put = (x, y, value) => {
      if (x >= 0 && y >= 0 && x < SIDE && y < SIDE) known[y * SIDE + x] = value;
    };
    const square = (left, top, from, to, dark) => {
      for (let y = -from; y < to; y++)
        for (let x = -from; x < to; x++) put(left + x, top + y, dark(x, y));
    };
    const ring = (middle) => (x, y) => Math.max(Math.abs(x - middle), Math.abs(y - middle));
    for (let at = 0; at < SIDE; at++) {
      put(at, 6, 1 - (at & 1));
      put(6, at, 1 - (at & 1));
    }
    for (const x of ALIGNED)
      for (const y of ALIGNED)
        if (Math.min(x, y) !== 6 || Math.max(x, y) === 34) square(x - 2, y - 2, 0, 5, (dx, dy) => (ring(2)(dx, dy) === 1 ? 0 : 1));
    for (const [left, top] of [[0, 0], [SIDE - 7, 0], [0, SIDE - 7]]) {
      square(left, top, 1, 8, (x, y) => (ring(3)(x, y) === 2 || ring(3)(x, y) > 3 ? 0 : 1));
    }
    return known;
  }

  /** The known modules as [x, y, 1 or -1], middles in modules. */
  function listPatterns() {
    const found = [];
    KNOWN.forEach((value, at) => {
      if (value >= 0) found.push([(at % SIDE) + 0.5, Math.floor(at / SIDE) + 0.5, value ? 1 : -1]);
    });
    return found;
  }

  /** Whether a module bears data: it is in no pattern, nor in the fields of format and version. */
  function bearsData(x, y) {
    if (KNOWN[y * SIDE + x] >= 0) return false;
    if ((x < 9 && (y < 9 || y >= SIDE - 8)) || (y < 9 && x >= SIDE - 8)) return false;
    return !((y < 6 && x >= SIDE - 11) || (x < 6 && y >= SIDE - 11));
  }

  // --- From grey points to darkness --------------------------------------------------------------

  /** How much darker each point is than the points around it, within `reach` points each way. */
  function contrast(grey, width, height, reach) {
    const found = new Int16Array(width * height);
    const columns = new Uint32Array(width); // sums of the columns over the rows in reach
    let first = 0, last = -1;
    for (let y = 0; y < height; y++) {
      for (; last < Math.min(y + reach, height - 1); ) {
        last++;
        for (let x = 0, at = last * width; x < width; x++) columns[x] += grey[at + x];
      }
      for (; first < y - reach; first++) {
        for (let x = 0, at = first * width; x < width; x++) columns[x] -= grey[at + x];
      }
      const rows = last - first + 1;
      let left = 0, right = -1, sum = 0;
      for (let x = 0, at = y * width; x < width; x++) {
        for (; right < Math.min(x + reach, width - 1); ) sum += columns[++right];
        for (; left < x - reach; left++) sum -= columns[left];
        found[at + x] = sum / (rows * (right - left + 1)) - grey[at + x];
      }
    }
    return found;
  }

  /** Every point as the mean of nine: the grain of a photograph taken in the dark goes. */
  function smooth(grey, width, height) {
    const found = new Uint8Array(grey);
    for (let y = 1; y < height - 1; y++)
      for (let x = 1, at = y * width + 1; x < width - 1; x++, at++) {
        let sum = 0;
        for (const row of [at - width, at, at + width]) {
          sum += grey[row - 1] + grey[row] + grey[row + 1];
        }
        found[at] = sum / 9;
      }
    return found;
  }

  // --- The three corners ---------------------------------------------------------------------------

  /** Whether five runs of points are 1 : 1 : 3 : 1 : 1, as across a corner; gives a module or 0. */
  function moduleOf(a, b, c, d, e) {
    const whole = a + b + c + d + e;
    if (whole < 7) return 0;
    const unit = whole / 7, most = Math.max(unit * 0.6, 1);
    const fits = Math.abs(a - unit) < most && Math.abs(b - unit) < most &&
      Math.abs(c - 3 * unit) < 2 * most && Math.abs(d - unit) < most && Math.abs(e - unit) < most;
    return fits ? unit : 0;
  }

  /** The middle of a corner along a line through it; `step` is the distance of points on the line. */
  function crossCorner(isDark, start, step, before, after) {
    const run = (at, way, dark, left) => {
      let count = 0;
      while (count < left && isDark(at + way * step * count) === dark) count++;
      return count;
    };
    const up = run(start, -1, true, before);
    const upLight = run(start - step * up, -1, false, before - up);
    const upDark = run(start - step * (up + upLight), -1, true, before - up - upLight);
    const down = run(start + step, 1, true, after);
    const downLight = run(start + step * (1 + down), 1, false, after - down);
    const downDark = run(start + step * (1 + down + downLight), 1, true, after - down - downLight);
    const unit = moduleOf(upDark, upLight, up + down, downLight, downDark);
    return unit ? { unit, shift: (down - up) / 2 + 1 } : null;
  }

  /** Likely middles of corners, those seen on most rows first. */
  function findCorners(dark, width, height, faint) {
    const isDark = (at) => dark[at] > faint;
    const found = [];
    const runs = new Int32Array(5);
    for (let y = 0; y < height; y++) {
      runs.fill(0);
      let was = false;
      for (let x = 0, at = y * width; x <= width; x++) {
        const is = x < width && dark[at + x] > faint;
        if (is !== was) {
          if (was && runs[0]) {
            const unit = moduleOf(runs[0], runs[1], runs[2], runs[3], runs[4]);
            if (unit) noteCorner(x - runs[4] - runs[3] - runs[2] / 2, y);
          }
          runs.copyWithin(0, 1);
          runs[4] = 0;
          was = is;
        }
        runs[4]++;
      }
    }
    function noteCorner(x, y) {
      const start = Math.min(Math.floor(x), width - 1);
      const down = crossCorner(isDark, y * width + start, width, y, height - 1 - y);
      if (!down) return;
      const middle = Math.min(Math.max(Math.floor(y + down.shift), 0), height - 1);
      const across = crossCorner(isDark, middle * width + start, 1, start, width - 1 - start);
      if (!across || across.unit > 2 * down.unit || down.unit > 2 * across.unit) return;
      const corner = { x: start + across.shift, y: y + down.shift, count: 1 };
      corner.unit = (across.unit + down.unit) / 2;
      for (const other of found) {
        if (Math.hypot(other.x - corner.x, other.y - corner.y) < 2 * other.unit) {
          other.count++;
          for (const key of ['x', 'y', 'unit'])
            other[key] += (corner[key] - other[key]) / other.count;
          return;
        }
      }
      found.push(corner);
    }
    return found.sort((one, other) => other.count - one.count).slice(0, 24);
  }

  /** Threes of corners that may belong to one code, the likeliest first: [top left, right, bottom]. */
  function listTriples(corners) {
    const found = [];
    for (const corner of corners)
      for (const one of corners)
        for (const other of corners) {
          if (one === corner || other === corner || one === other) continue;
          const ax = one.x - corner.x, ay = one.y - corner.y;
          const bx = other.x - corner.x, by = other.y - corner.y;
          const a = Math.hypot(ax, ay), b = Math.hypot(bx, by);
          if (ax * by - ay * bx <= 0) continue; // the other way round it would be a mirrored code
          const slant = Math.abs(ax * bx + ay * by) / (a * b);
          const skew = Math.abs(Math.log(a / b));
          const units = [corner.unit, one.unit, other.unit];
          const uneven = Math.log(Math.max(...units) / Math.min(...units));
          const modules = (a + b) / 2 / ((units[0] + units[1] + units[2]) / 3);
          if (slant > 0.6 || skew > 0.6 || uneven > 0.8 || modules < 32 || modules > 92) continue;
          found.push({ corners: [corner, one, other], cost: slant + skew + uneven });
        }
    return found.sort((one, other) => one.cost - other.cost).slice(0, 40);
  }

  // --- Laying the grid ---------------------------------------------------------------------------

  const ANCHORS = [[3.5, 3.5], [65.5, 3.5], [3.5, 65.5], [62.5, 62.5]];

  /** The projection that takes the four anchors to these points: eight numbers. */
  function projection(points) {
    const rows = [];
    ANCHORS.forEach(([u, v], at) => {
      const [x, y] = points[at];
      rows.push([u, v, 1, 0, 0, 0, -u * x, -v * x, x], [0, 0, 0, u, v, 1, -u * y, -v * y, y]);
    });
    for (let at = 0; at < 8; at++) { // Gauss, with the largest number of the column on top
      let best = at;
      for (let row = at + 1; row < 8; row++)
        if (Math.abs(rows[row][at]) > Math.abs(rows[best][at])) best = row;
      [rows[at], rows[best]] = [rows[best], rows[at]];
      if (Math.abs(rows[at][at]) < 1e-9) return null;
      for (let row = 0; row < 8; row++) {
        if (row === at) continue;
        const times = rows[row][at] / rows[at][at];
        for (let column = at; column < 9; column++) rows[row][column] -= times * rows[at][column];
      }
    }
    return rows.map((row, at) => row[8] / row[at]);
  }

  /** A picture that can be asked how dark a place of the code is. */
  class Seen {
    constructor(dark, width, height) {
      Object.assign(this, { dark, width, height });
    }

    /** Darkness at a point, between its neighbours; nothing outside the picture. */
    at(x, y) {
      const left = Math.floor(x - 0.5), top = Math.floor(y - 0.5);
      if (left < 0 || top < 0 || left + 1 >= this.width || top + 1 >= this.height) return 0;
      const dx = x - 0.5 - left, dy = y - 0.5 - top, start = top * this.width + left;
      const upper = this.dark[start] * (1 - dx) + this.dark[start + 1] * dx;
      const next = start + this.width;
      return upper * (1 - dy) + (this.dark[next] * (1 - dx) + this.dark[next + 1] * dx) * dy;
    }

    in(map, u, v) {
      const deep = map[6] * u + map[7] * v + 1;
      return this.at(
        (map[0] * u + map[1] * v + map[2]) / deep, (map[3] * u + map[4] * v + map[5]) / deep,
      );
    }

    /** How well known modules fit: 1 when all of them do, about 0 for chance. */
    fit(map, patterns = PATTERNS) {
      let sum = 0;
      for (const [u, v, sign] of patterns) sum += Math.sign(this.in(map, u, v)) * sign;
      return sum / patterns.length;
    }

    /** As `fit`, but darker and lighter count for more: it grows smoothly towards the true place. */
    press(map) {
      let sum = 0;
      for (const [u, v, sign] of PATTERNS) {
        sum += Math.max(-48, Math.min(48, this.in(map, u, v))) * sign;
      }
      return sum;
    }
  }

  /** Places of the alignment pattern in the fourth corner, the likeliest first. */
  function findFourth(seen, points) {
    const [corner, one, other] = points;
    const u = [(one[0] - corner[0]) / 62, (one[1] - corner[1]) / 62];
    const v = [(other[0] - corner[0]) / 62, (other[1] - corner[1]) / 62];
    const place = (a, b) => [corner[0] + u[0] * a + v[0] * b, corner[1] + u[1] * a + v[1] * b];
    const found = [];
    for (let down = -10; down <= 10; down += 0.5) {
      for (let across = -10; across <= 10; across += 0.5) {
        let sum = 0;
        for (let y = -2; y <= 2; y++)
          for (let x = -2; x <= 2; x++) {
            const sign = Math.max(Math.abs(x), Math.abs(y)) === 1 ? -1 : 1;
            const value = seen.at(...place(59 + across + x, 59 + down + y));
            sum += Math.max(-48, Math.min(48, value)) * sign;
          }
        found.push({ point: place(59 + across, 59 + down), sum, across, down });
      }
    }
    found.sort((one, other) => other.sum - one.sum);
    const apart = [];
    for (const each of found) {
      const near = (other) =>
        Math.abs(each.across - other.across) < 2 && Math.abs(each.down - other.down) < 2;
      if (!apart.some(near)) apart.push(each);
      if (apart.length === 6) break;
    }
    return apart.map((each) => each.point);
  }

  /** Move the four anchors by ever smaller steps while the known modules fit better. */
  function settle(seen, points) {
    const unit = Math.hypot(points[1][0] - points[0][0], points[1][1] - points[0][1]) / 62;
    const at = points.map((point) => [...point]);
    let map = projection(at), best = map ? seen.press(map) : -Infinity;
    for (const step of [0.6, 0.3, 0.15, 0.08]) {
      for (let round = 0, better = true; better && round < 8; round++) {
        better = false;
        for (const point of at)
          for (const axis of [0, 1])
            for (const way of [-1, 1]) {
              point[axis] += way * step * unit;
              const tried = projection(at), sum = tried ? seen.press(tried) : -Infinity;
              if (sum > best) [map, best, better] = [tried, sum, true];
              else point[axis] -= way * step * unit;
            }
      }
    }
    return map;
  }

  // --- From the grid to the text -------------------------------------------------------------------

  const MASKS = [
    (x, y) => (x + y) % 2 === 0,
    (x, y) => y % 2 === 0,
    (x) => x % 3 === 0,
    (x, y) => (x + y) % 3 === 0,
    (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
    (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
    (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
    (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
  ];

  /** The fifteen bits that say "level M, this mask". */
  function formatBits(mask) {
    let rest = mask << 10; // level M is written 00
    for (let bit = 14; bit >= 10; bit--) if (rest & (1 << bit)) rest ^= 0x537 << (bit - 10);
    return ((mask << 10) | rest) ^ 0x5412;
  }

  /** The number of the mask: the one whose two written copies differ least. */
  function readMask(isDark) {
    const places = [];
    for (let bit = 0; bit < 15; bit++) {
      const along = bit < 6 ? bit : bit < 8 ? bit + 1 : SIDE - 15 + bit;
      const back = bit < 8 ? SIDE - 1 - bit : bit < 9 ? 7 : 14 - bit;
      places.push([bit, 8, along], [bit, back, 8]);
    }
    const wrong = MASKS.map((_, mask) => {
      const bits = formatBits(mask);
      return places.filter(([bit, x, y]) => isDark(x, y) !== Boolean((bits >> bit) & 1)).length;
    });
    const least = Math.min(...wrong);
    return least <= 8 ? wrong.indexOf(least) : -1;
  }

  function readBytes(isDark, mask) {
    const bytes = [];
    let value = 0, count = 0;
    for (let right = SIDE - 1; right > 0; right -= 2) {
      if (right === 6) right--; // the column of the timing pattern is passed over
      const up = ((right + 1) & 2) === 0;
      for (let step = 0; step < SIDE; step++) {
        const y = up ? SIDE - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (!bearsData(x, y)) continue;
          value = (value << 1) | (isDark(x, y) !== MASKS[mask](x, y) ? 1 : 0);
          if (++count === 8) {
            bytes.push(value);
            value = count = 0;
          }
        }
      }
    }
    return bytes;
  }

  // Arithmetic of bytes as polynomials, modulo 0x11d.
  const POWERS = new Uint8Array(512), LOGS = new Uint8Array(256);
  for (let power = 0, value = 1; power < 255; power++) {
    POWERS[power] = POWERS[power + 255] = value;
    LOGS[value] = power;
    value = value & 0x80 ? (value << 1) ^ 0x11d : value << 1;
  }
  const times = (a, b) => (a && b ? POWERS[LOGS[a] + LOGS[b]] : 0);
  const over = (a, b) => (a ? POWERS[LOGS[a] + 255 - LOGS[b]] : 0);
  /** The value of a polynomial, least power first. */
  const valueAt = (terms, x) => terms.reduceRight((sum, term) => times(sum, x) ^ term, 0);

  /** Mend a block of data and correction (Reed and Solomon) in place; false when it cannot be. */
  function mend(block) {
    const reversed = [...block].reverse();
    const syndromes = [];
    for (let power = 0; power < CHECK; power++) syndromes.push(valueAt(reversed, POWERS[power]));
    if (syndromes.every((each) => each === 0)) return true;
    // Berlekamp and Massey: the shortest recurrence that the syndromes keep.
    let locator = [1], previous = [1], errors = 0, gap = 1, last = 1;
    for (let at = 0; at < CHECK; at++) {
      let off = syndromes[at];
      for (let term = 1; term <= errors; term++)
        off ^= times(locator[term] || 0, syndromes[at - term]);
      if (off === 0) {
        gap++;
        continue;
      }
      const before = [...locator], factor = over(off, last);
      previous.forEach((term, place) => {
        locator[place + gap] = (locator[place + gap] || 0) ^ times(factor, term);
      });
      for (let place = 0; place < locator.length; place++) locator[place] ||= 0;
      if (2 * errors <= at) [errors, previous, last, gap] = [at + 1 - errors, before, off, 1];
      else gap++;
    }
    if (errors > CHECK / 2) return false;
    // Forney: how much each wrong byte is off.
    const evaluator = [];
    for (let power = 0; power < CHECK; power++) {
      let sum = 0;
      for (let term = 0; term <= power; term++)
        sum ^= times(locator[term] || 0, syndromes[power - term]);
      evaluator.push(sum);
    }
    const slope = locator.map((term, power) => (power & 1 ? term : 0)).slice(1);
    let found = 0;
    for (let place = 0; place < block.length; place++) {
      const inverse = POWERS[(255 - (block.length - 1 - place)) % 255];
      if (valueAt(locator, inverse) !== 0) continue;
      const below = valueAt(slope, inverse);
      if (below === 0) return false;
      const root = over(1, inverse);
      block[place] ^= times(root, over(valueAt(evaluator, inverse), below));
      found++;
    }
    return found === errors;
  }

  /** The bytes of data in order, mended; null when a block cannot be. */
  function dataOf(bytes) {
    const blocks = DATA_BLOCKS.map(() => []);
    let at = 0;
    for (let row = 0; row < 38; row++)
      blocks.forEach((block, each) => {
        if (row < DATA_BLOCKS[each]) block.push(bytes[at++]);
      });
    for (let row = 0; row < CHECK; row++) for (const block of blocks) block.push(bytes[at++]);
    if (!blocks.every(mend)) return null;
    return blocks.flatMap((block, each) => block.slice(0, DATA_BLOCKS[each]));
  }

  /** The text: one run of letters and figures, as papka writes it; null for anything else. */
  function textOf(data) {
    let at = 0;
    const take = (count) => {
      let value = 0;
      for (; count > 0; count--, at++) {
        value = (value << 1) | ((data[at >> 3] >> (7 - (at & 7))) & 1);
      }
      return value;
    };
    if (take(4) !== 2) return null;
    const length = take(11);
    if (15 + Math.ceil(length * 5.5) > data.length * 8) return null;
    let text = '';
    for (let left = length; left > 1; left -= 2) {
      const pair = take(11);
      if (pair >= 45 * 45) return null;
      text += SIGNS[Math.floor(pair / 45)] + SIGNS[pair % 45];
    }
    if (length % 2) text += SIGNS[take(6)] ?? '';
    return text.length === length ? text : null;
  }

  /** The text of a grid laid over a picture; null when it cannot be read. */
  function readGrid(seen, map) {
    const wide = SIDE + 2, found = new Float32Array(wide * wide); // with a rim of light modules
    for (let y = 0; y < wide; y++)
      for (let x = 0; x < wide; x++) {
        let sum = 2 * seen.in(map, x - 0.5, y - 0.5);
        for (const [dx, dy] of [[-0.7, -0.5], [-0.3, -0.5], [-0.5, -0.7], [-0.5, -0.3]])
          sum += seen.in(map, x + dx, y + dy);
        found[y * wide + x] = sum;
      }
    // Out of focus each module has something of those beside it, and that is taken away again.
    for (const blur of [0, 0.15, 0.25]) {
      const isDark = (x, y) => {
        const at = (y + 1) * wide + x + 1;
        const beside = found[at - 1] + found[at + 1] + found[at - wide] + found[at + wide];
        return found[at] > blur * beside;
      };
      const mask = readMask(isDark);
      const data = mask < 0 ? null : dataOf(readBytes(isDark, mask));
      const text = data && textOf(data);
      if (text !== null) return text;
    }
    return null;
  }

  /** The text of the code whose corners these may be; null when they are not, or it is unreadable. */
  function readTriple(seen, corners, noted) {
    const points = corners.map(({ x, y }) => [x, y]);
    // Three letters are soon told from three corners, before any more work is done for them.
    const [[x, y], one, other] = points, share = 59 / 62;
    const flat = [x + share * (one[0] + other[0] - 2 * x), y + share * (one[1] + other[1] - 2 * y)];
    const sketch = projection([...points, flat]);
    if (!sketch || seen.fit(sketch, CORNERS) < 0.45) return null;
    const tried = [];
    for (const fourth of findFourth(seen, points)) {
      const map = projection([...points, fourth]);
      if (map && seen.fit(map) > 0.3) tried.push({ points: [...points, fourth], sum: seen.press(map) });
    }
    tried.sort((one, other) => other.sum - one.sum);
    for (const { points: four } of tried.slice(0, 3)) {
      const map = settle(seen, four);
      if (!map || seen.fit(map) < 0.6) continue;
      const text = readGrid(seen, map);
      if (text !== null) return { text, map };
      noted.unread++;
    }
    return null;
  }

  /**
   * Read every code of papka in a picture.
   * @param {Uint8Array|Uint8ClampedArray} grey one byte a point, row by row
   * @returns {{texts: string[], seen: boolean}} different texts; whether there was a code at all,
   *     read or not
   */
  function read(grey, width, height) {
    const texts = new Set(), noted = { unread: 0 };
    const side = Math.max(width, height);
    // Uneven light asks for a near comparison, a large code for a far one, grain for smoothing; the
    // nearest brings out what is out of focus.
    const ways = [[side / 12, grey], [side / 40, grey], [side / 20, smooth(grey, width, height)]];
    for (const [reach, points] of [...ways, [7, grey]]) {
      const dark = contrast(points, width, height, Math.max(7, Math.round(reach)));
      const seen = new Seen(dark, width, height);
      for (const faint of [6, 0, 18]) {
        const used = new Set();
        for (const { corners } of listTriples(findCorners(dark, width, height, faint))) {
          if (corners.some((corner) => used.has(corner))) continue;
          if (noted.unread > 8) break; // it is there, and no way of looking brings it out
          const found = readTriple(seen, corners, noted);
          if (!found) continue;
          texts.add(found.text);
          corners.forEach((corner) => used.add(corner));
        }
        if (texts.size) return { texts: [...texts], seen: true };
      }
    }
    return { texts: [], seen: noted.unread > 0 };
  }

  return { read };
})();
