/** A whole page. @param content HTML */
export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${asText(title)}</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1rem/1.5 system-ui, sans-serif; color: #1c2430; background: #eef1f5 }
  main { width: min(34rem, 100% - 4rem); margin: 1rem; padding: 2rem; background: #fff; border-radius: .75rem; box-shadow: 0 1px 3px #1c243033 }
  h1 { font-size: 1.35rem; line-height: 1.3 } h2 { font-size: 1.1rem }
  input, textarea { box-sizing: border-box; max-width: 100% }
  fieldset { margin: 1rem 0; border: 1px solid #d5dbe3; border-radius: .5rem } label { display: block; padding: .3rem 0 }
  small { color: #66707e; overflow-wrap: anywhere } .note { color: #66707e; font-size: .875rem; margin: 0 }
  .buttons { display: flex; justify-content: flex-end; gap: .75rem } code { overflow-wrap: anywhere }
  button { font: inherit; padding: .5rem 1.25rem; border-radius: .5rem; border: 1px solid #9aa5b4; background: #fff; cursor: pointer }
  button.main { background: #1f5fd0; border-color: #1f5fd0; color: #fff }
</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
}

/** What every page says that looks like a vendor's. */
export function standInNote(vendor: string): string {
  return `<p class="note">A stand-in on this machine. Nobody at ${asText(vendor)} hears of it.</p>`;
}

/** For HTML, between tags and in attributes. */
export function asText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
