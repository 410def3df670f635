import UPNG from 'upng-js';

/** Colours of a frame: a workbench has few, and its letters have smooth edges. */
const COLOURS = 128;

/**
 * Screenshots as one animated PNG, which shows the first where animation is not known.
 * @param frames PNG files of one size
 * @param delayMs how long each is shown
 */
export function animation(frames: readonly Buffer[], delayMs: number): Buffer {
  const images = frames.map((frame) => UPNG.decode(new Uint8Array(frame).buffer));
  const [{ width, height }] = images as [UPNG.Image, ...UPNG.Image[]];
  const pixels = images.map((image) => UPNG.toRGBA8(image)[0]!);
  const delays = pixels.map((_, i) => (i === pixels.length - 1 ? 4 * delayMs : delayMs));
  return Buffer.from(UPNG.encode(pixels, width, height, COLOURS, delays));
}
