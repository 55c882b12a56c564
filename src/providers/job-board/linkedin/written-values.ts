import type { Moment, Period, Phone } from "./application-shape.ts";

/** `+49 301234 ext. 5`, as far as it is told. */
export function phoneIn(phone: Phone): string | null {
  const { countryCode = null, nationalNumber = null, extension = null } = phone ?? {};
  if (nationalNumber === null) return null;
  const country = countryCode !== null && /^\+?\d{1,3}$/.test(countryCode) ? `+${countryCode.replace("+", "")} ` : "";
  return `${country}${nationalNumber}${extension === null ? "" : ` ext. ${extension}`}`;
}

export function periodIn(period: Period): { readonly from: string | null; readonly to: string | null } {
  return { from: timeIn(period?.startDate), to: timeIn(period?.endDate) };
}

/** `2019` or `2019-04`. */
function timeIn(moment: Moment): string | null {
  const { year = 0, month = 0 } = moment ?? {};
  if (!Number.isInteger(year) || year < 1000 || year > 9999) return null;
  const isMonth = month !== null && Number.isInteger(month) && month >= 1 && month <= 12;
  return isMonth ? `${year}-${String(month).padStart(2, "0")}` : String(year);
}
