/** A page of ours for a person whose browser has nowhere else to go. Nothing on it is loaded from anywhere. */
export function personPage({ title, text, remedy }: { title: string; text: string; remedy: string | null }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${asText(title)}</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1.05rem/1.5 system-ui, sans-serif; color: #1c2430; background: #f4f6f9 }
  main { max-width: 30rem; margin: 1.5rem; padding: 2rem 2.25rem; background: #fff; border-radius: .75rem; box-shadow: 0 1px 3px #1c243033 }
  h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.25 }
  p { margin: .5rem 0 }
  @media (prefers-color-scheme: dark) { body { color: #e6eaf0; background: #11161d } main { background: #1b222c; box-shadow: none } }
</style>
</head>
<body>
<main>
<h1>${asText(title)}</h1>
<p>${asText(text)}</p>
${remedy === null ? "" : `<p>${asText(remedy)}</p>`}
</main>
</body>
</html>
`;
}

/** Neither framed nor kept, and free of anything that runs. */
export const personPageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

function asText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
