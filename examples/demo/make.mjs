/**
 * Makes the three sample hospitals of `warifu demo`: invented patients, the same at every run.
 *
 *     node examples/demo/make.mjs
 *
 * Means and correlations are of the size that one meets in Japanese outpatients; no real person is described.
 */
import { writeFileSync } from 'node:fs';

const HOSPITALS = [
  { file: 'kita.csv', rows: 520, meanAge: 61, encoding: 'utf-8', newline: '\n' },
  // what Excel writes on a Japanese Windows
  { file: 'minato.csv', rows: 430, meanAge: 54, encoding: 'cp932', newline: '\r\n' },
  { file: 'yama.csv', rows: 290, meanAge: 68, encoding: 'utf-8', newline: '\n' },
];
const HEADER = ['age', 'sex', 'height', 'weight', 'smoker', 'sbp', 'ldl', 'visit', '診断'];
/** @type {[string, number][]} */
const DIAGNOSES = [
  ['高血圧', 40],
  ['糖尿病', 25],
  ['脂質異常症', 20],
  ['心不全', 9],
  ['その他', 6],
];

const random = mulberry32(20260401);

for (const { file, rows, meanAge, encoding, newline } of HOSPITALS) {
  const lines = [HEADER, ...Array.from({ length: rows }, () => patient(meanAge))].map((row) => row.join(','));
  const text = lines.join(newline) + newline;
  writeFileSync(new URL(file, import.meta.url), encoding === 'cp932' ? toCp932(text) : text);
}

/** @param {number} meanAge */
function patient(meanAge) {
  const age = clamp(Math.round(normal(meanAge, 14)), 20, 96);
  const male = random() < 0.52;
  const height = normal(male ? 169 : 156, 6) - (age - 50) * 0.06;
  const bmi = clamp(normal(male ? 23.9 : 22.7, 3.4), 15.5, 42);
  const weight = bmi * (height / 100) ** 2;
  const smoker = random() < (male ? 0.27 : 0.09);
  const diagnosis = pick(DIAGNOSES);
  const sbp =
    112 +
    (age - 50) * 0.42 +
    (bmi - 23) * 0.9 +
    (smoker ? 4.5 : 0) +
    (diagnosis === '高血圧' ? 12 : 0) +
    normal(0, 12);
  const ldl = 118 + (diagnosis === '脂質異常症' ? 26 : 0) + normal(0, 27);
  const day = Math.floor(random() * 365);
  return [
    age,
    male ? '男' : '女',
    height.toFixed(1),
    random() < 0.03 ? '' : weight.toFixed(1),
    random() < 0.04 ? '' : smoker ? 'yes' : 'no',
    random() < 0.02 ? 'NA' : clamp(Math.round(sbp), 80, 230),
    random() < 0.25 ? '' : clamp(Math.round(ldl), 40, 290),
    new Date(Date.UTC(2025, 3, 1 + day)).toISOString().slice(0, 10),
    diagnosis,
  ];
}

/** @param {number} mean @param {number} sd */
function normal(mean, sd) {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return mean + sd * radius * Math.cos(2 * Math.PI * random());
}

/** @param {[string, number][]} weighted */
function pick(weighted) {
  let left = random() * weighted.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [label, weight] of weighted) {
    left -= weight;
    if (left < 0) return label;
  }
  return '';
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/**
 * Small, seeded, and good enough for invented patients. Nothing secret comes from it.
 *
 * @param {number} seed
 */
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The runtime only decodes CP932, so the encoder is its decoder turned round.
 *
 * @param {string} text
 */
function toCp932(text) {
  const decoder = new TextDecoder('shift_jis');
  /** @type {Map<string, number[]>} */
  const codes = new Map();
  for (let lead = 0x81; lead <= 0xfc; lead++) {
    for (let trail = 0x40; trail <= 0xfc; trail++) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if (character.length === 1 && character !== '\ufffd' && !codes.has(character))
        codes.set(character, [lead, trail]);
    }
  }
  const encoded = Array.from(text, (c) => (c < '\u0080' ? [c.charCodeAt(0)] : (codes.get(c) ?? [])));
  return Uint8Array.from(encoded.flat());
}
