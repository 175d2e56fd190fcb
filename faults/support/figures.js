/** @returns the longest time that one of the answers took, in milliseconds */
export const highest = (answers) => Math.max(0, ...answers.map(({ ms }) => ms));

/** @param share e.g. 0.99 */
export function quantile(answers, share) {
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
}

/** @returns how often each status was answered, e.g. `200: 12, 503: 3` */
export function statuses(answers) {
  const counts = new Map();
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status || 'none'}: ${count}`)
    .join(', ');
}

/** How many pass, for `Experiment.report`. @returns figure, mark, and whether all do, and there were any */
export function share(answers, isRight) {
  const wrong = answers.filter((answer) => !isRight(answer));
  const right = answers.length - wrong.length;
  const others = wrong.length > 0 ? ` (${statuses(wrong)})` : '';
  return [`${right} of ${answers.length}${others}`, 'all', right > 0 && wrong.length === 0];
}
