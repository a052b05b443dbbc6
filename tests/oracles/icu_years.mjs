// Reads the years of a calendar from Node's Intl (ICU), day by day, and checks that no day is left out.

const DAY = 86_400_000;
const ORDINAL_OF_1970 = 719_163; // day numbers: 1 is 1 January of the year 1

const ordinal = (time) => time / DAY + ORDINAL_OF_1970;

// Gives [year, day number of its first day, [days of each month]] of every whole year between two civil dates.
export function years(calendar, from, to) {
  const format = new Intl.DateTimeFormat(`en-u-ca-${calendar}-nu-latn`, {
    timeZone: "UTC",
    year: "numeric",
    month: "numeric",
    day: "numeric",
  });
  if (format.resolvedOptions().calendar !== calendar) throw new Error(`this Node has no ${calendar}`);
  const found = [];
  let before = null;
  for (let time = Date.parse(from); time <= Date.parse(to); time += DAY) {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
    const [year, month, day] = [parts.year, parts.month, parts.day].map(Number);
    const first = month === 1 && day === 1;
    if (first) found.push([year, ordinal(time), []]);
    if (found.length > 0) {
      const [current, , lengths] = found[found.length - 1];
      if (day === 1) lengths.push(0);
      lengths[lengths.length - 1] += 1;
      if (current !== year || lengths.length !== month || lengths[month - 1] !== day) {
        throw new Error(`${calendar}: ${year}-${month}-${day} follows ${before}`);
      }
    }
    before = `${year}-${month}-${day}`;
  }
  found.pop(); // the last year is cut off
  return found;
}

export const versions = `Node ${process.versions.node}, ICU ${process.versions.icu}, CLDR ${process.versions.cldr}`;
