import { median } from './load.js';

/** How often each figure is measured, alternating with its floor. */
export const ROUNDS = 5;

const table = [];

export function row(what, figure, floor, ratio, wanted) {
  const shown = typeof ratio === 'number' ? ratio.toFixed(2) : ratio;
  table.push({ what, figure, floor, ratio: shown, wanted });
}

/** Measures alternately, and notes the median of the rates and of their ratios. */
export async function compare(what, [ours, floors], floorName, wanted, digits = 0) {
  const pairs = [];
  for (let i = 0; i < ROUNDS; i++) pairs.push([await ours(), await floors()]);
  const perSecond = (k) => `${median(pairs.map((pair) => pair[k])).toFixed(digits)}/s`;
  const ratio = median(pairs.map(([figure, floorFigure]) => figure / floorFigure));
  row(what, perSecond(0), `${perSecond(1)} ${floorName}`, ratio, wanted);
}

export const printTable = () => console.table(table);
