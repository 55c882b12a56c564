const list = (codes: string): ReadonlySet<string> => new Set(codes.split(" "));

const europe = list(
  "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK",
);
const africa = list(
  "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
);
const middleEast = list("AE BH IL IQ IR JO KW LB OM PS QA SA SY TR YE");
const restOfAsia = list(
  "AF AM AZ BD BN BT CN GE HK ID IN JP KG KH KP KR KZ LA LK MM MN MO MV MY NP PH PK SG TH TJ TL TM TW UZ VN",
);
const oceania = list("AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV VU WF WS");
const northAmerica = list("CA MX US");
const latinAmerica = list(
  "AR BO BR BZ CL CO CR CU DO EC GF GP GT GY HN HT JM MQ MX NI PA PE PR PY SR SV TT UY VE BS BB AG DM GD KN LC VC AW CW",
);
const americas = new Set([...northAmerica, ...latinAmerica, "AI", "BL", "BM", "BQ", "FK", "GL", "KY", "MF", "MS"]);

/** The regions that have some countries, the narrowest first, https://weworkremotely.com/api */
const regions: readonly (readonly [name: string, countries: ReadonlySet<string>])[] = [
  ["UK Only", list("GB")],
  ["USA Only", list("US")],
  ["Canada Only", list("CA")],
  ["North America Only", northAmerica],
  ["Latin America Only", latinAmerica],
  ["Americas Only", americas],
  ["Europe Only", europe],
  ["Africa Only", africa],
  ["Oceania Only", oceania],
  ["Asia Only", new Set([...middleEast, ...restOfAsia])],
  ["EMEA Only", new Set([...europe, ...middleEast, ...africa])],
];

/** Where applicants may live, as We Work Remotely says it. */
export interface Region {
  /** Null where no region has all of the countries. */
  readonly name: string | null;
  /** Whether it says neither more nor less than the countries. */
  readonly isExact: boolean;
}

/** The narrowest region with all of these countries. @param countries ISO 3166-1 alpha-2; empty for all of the world */
export function regionOf(countries: readonly string[]): Region {
  if (countries.length === 0) return { name: "Anywhere in the World", isExact: true };
  const wanted = new Set(countries);
  const [name, all] = regions.find(([, has]) => countries.every((country) => has.has(country))) ?? [null, new Set()];
  return { name, isExact: name !== null && all.size === wanted.size };
}
