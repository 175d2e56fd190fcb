/** Prints all figures of all experiments, one per row. */
export function printTable(results) {
  const rows = results.flatMap(({ name, verdict, figures }) =>
    [{ what: '', measured: '', mark: '', verdict }, ...figures].map((figure, i) => [
      i === 0 ? name : '',
      figure.what,
      figure.measured,
      figure.mark,
      figure.verdict ?? (figure.holds ? '' : 'FAIL'),
    ]),
  );
  const all = [['experiment', 'measured', 'is', 'required', ''], ...rows];
  const widths = all[0].map((_, i) => Math.max(...all.map((row) => row[i].length)));
  process.stdout.write('\n');
  for (const row of all) {
    const line = row.map((cell, i) => cell.padEnd(widths[i])).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}
