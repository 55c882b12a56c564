/**
 * The path of an href in one spelling, whatever the server's: absolute, each segment decoded once. Servers answer
 * `a%20b%40c.ics` to what was sent as `a%20b@c.ics`. What would be misread on the way back stays encoded: a slash or a
 * percent sign within a segment, and bytes that are not UTF-8.
 */
export function pathOf(href: string, base: string): string {
  return new URL(href, base).pathname.split("/").map(decodeSegment).join("/");
}

/** The URL of a {@link pathOf} on the host of `base`. */
export function urlOf(path: string, base: string): string {
  return new URL(path.split("/").map(encodeSegment).join("/"), base).href;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment).replaceAll("%", "%25").replaceAll("/", "%2F");
  } catch {
    return segment;
  }
}

function encodeSegment(segment: string): string {
  return segment
    .split(/(%[0-9A-Fa-f]{2})/)
    .map((part) => (/^%[0-9A-Fa-f]{2}$/.test(part) ? part : encodeURIComponent(part)))
    .join("");
}
