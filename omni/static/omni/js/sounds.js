// Short tones, made on the spot. Browsers stay silent until the page was touched once.
const TUNES = { bell: [[880, 0.09], [1175, 0.14]], ok: [[1320, 0.08]], bad: [[220, 0.28]] };
let context = null;

export function play(name) {
  context ??= new AudioContext();
  let when = context.currentTime;
  for (const [pitch, length] of TUNES[name]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.08, when);
    volume.gain.exponentialRampToValueAtTime(0.001, when + length);
    tone.connect(volume).connect(context.destination);
    tone.start(when);
    when += length;
    tone.stop(when);
  }
}
