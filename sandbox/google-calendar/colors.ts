/** In the order of their ids, which begin at 1. */
const ofEvents = "a4bdfc 7ae7bf dbadff ff887c fbd75b ffb878 46d6db e1e1e1 5484ed 51b749 dc2127".split(" ");
const ofCalendars = [
  ..."ac725e d06b64 f83a22 fa573c ff7537 ffad46 42d692 16a765 7bd148 b3dc6c fbe983 fad165".split(" "),
  ..."92e1c0 9fe1e7 9fc6e7 4986e7 9a9cff b99aff c2c2c2 cabdbf cca6ac f691b2 cd74e6 a47ae2".split(" "),
];

/** `colors.get`. */
export const colors = {
  kind: "calendar#colors",
  updated: "2012-02-14T00:00:00.000Z",
  calendar: palette(ofCalendars, "#000000"),
  event: palette(ofEvents, "#1d1d1d"),
};

function palette(backgrounds: readonly string[], foreground: string) {
  return Object.fromEntries(
    backgrounds.map((background, index) => [String(index + 1), { background: `#${background}`, foreground }]),
  );
}
