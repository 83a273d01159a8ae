/* Looks for the code in a picture of any size: whole, then larger, then piece by piece.

A picture is drawn piecewise onto a canvas, so that memory holds the points of one piece alone. The
browser's own reader is asked first where there is one; what it does not find is looked for by ours.
*/
'use strict';

const PictureReading = (() => {
  const PIECE = 1600; // points: a side of what is looked through at once
  const OVERLAP = 500; // a code that one piece cuts lies whole in the next

  /** Rectangles of the picture to look through and how much smaller to draw each. */
  function* pieces(width, height) {
    const side = Math.max(width, height);
    yield { x: 0, y: 0, width, height, scale: Math.min(1, 1000 / side) };
    if (side > 1000) yield { x: 0, y: 0, width, height, scale: Math.min(1, 2000 / side) };
    for (const scale of [0.5, 1]) {
      if (side * scale <= 2000) continue;
      const step = (PIECE - OVERLAP) / scale, length = PIECE / scale;
      for (let y = 0; y === 0 || y < height - OVERLAP / scale; y += step)
        for (let x = 0; x === 0 || x < width - OVERLAP / scale; x += step)
          yield {
            x, y, scale, width: Math.min(length, width - x), height: Math.min(length, height - y),
          };
    }
  }

  /** What of a camera's frame is looked at: all of it, and its middle as sharp as it is. */
  function* glances(width, height) {
    const side = Math.max(width, height), middle = Math.min(1000, width, height);
    yield { x: 0, y: 0, width, height, scale: Math.min(1, 1000 / side) };
    if (side > 1000) {
      const x = (width - middle) / 2, y = (height - middle) / 2;
      yield { x, y, width: middle, height: middle, scale: 1 };
    }
  }

  function greyOf(source, { x, y, width, height, scale }) {
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.fillStyle = 'white'; // below what is transparent
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(source, x, y, width, height, 0, 0, canvas.width, canvas.height);
    const colours = context.getImageData(0, 0, canvas.width, canvas.height).data;
    const grey = new Uint8Array(canvas.width * canvas.height);
    for (let at = 0, from = 0; at < grey.length; at++, from += 4) {
      grey[at] = (colours[from] * 77 + colours[from + 1] * 151 + colours[from + 2] * 28) >> 8;
    }
    return { grey, width: canvas.width, height: canvas.height };
  }

  async function askBrowser(source) {
    try {
      const found = await new BarcodeDetector({ formats: ['qr_code'] }).detect(source);
      return found.map((each) => each.rawValue).filter((text) => isOurs(text));
    } catch { // no such reader, or not for this picture
      return [];
    }
  }

  const isOurs = (text) => text.startsWith(DocumentCode.PREFIX);
  const pause = () => new Promise((done) => setTimeout(done));

  /**
   * Read a picture, or one frame of a camera (`isFrame`: at a glance, the next one comes at once).
   * @returns {Promise<{texts: string[], seen: boolean}>} as QrDecoder.read
   */
  async function read(source, width, height, isFrame = false) {
    const native = await askBrowser(source);
    if (native.length) return { texts: [...new Set(native)], seen: true };
    let seen = false;
    for (const piece of (isFrame ? glances : pieces)(width, height)) {
      const points = greyOf(source, piece);
      const found = QrDecoder.read(points.grey, points.width, points.height);
      const texts = found.texts.filter(isOurs);
      if (texts.length) return { texts, seen: true };
      seen ||= found.seen;
      await pause(); // lets the page answer between the pieces
    }
    return { texts: [], seen };
  }

  return { read };
})();
