/** Zoho's hosts, by what the way back from the consent page calls them: `location=eu`. https://www.zoho.com/accounts/protocol/oauth/multi-dc.html */
export const dataCenters = {
  us: hosts("zoho.com"),
  eu: hosts("zoho.eu"),
  in: hosts("zoho.in"),
  au: hosts("zoho.com.au"),
  jp: hosts("zoho.jp"),
  cn: hosts("zoho.com.cn"),
  sa: hosts("zoho.sa"),
  uk: hosts("zoho.uk"),
  // Of Canada's two hosts, the calendar's is unverified.
  ca: hosts("zohocloud.ca"),
} as const;

export type DataCenter = keyof typeof dataCenters;

export function isDataCenter(name: unknown): name is DataCenter {
  return typeof name === "string" && Object.hasOwn(dataCenters, name);
}

/**
 * A host of Zoho's is the first segment of a path at the twin: `/accounts.zoho.eu/oauth/v2/token`.
 * What replaces one host by another in an address does the same at Zoho and here.
 */
export function placeOf(path: string): { readonly dataCenter: DataCenter; readonly service: Service } | null {
  const host = path.split("/")[1];
  for (const [dataCenter, { accounts, calendar }] of Object.entries(dataCenters)) {
    if (!isDataCenter(dataCenter)) continue;
    if (host === accounts) return { dataCenter, service: "accounts" };
    if (host === calendar) return { dataCenter, service: "calendar" };
  }
  return null;
}

type Service = "accounts" | "calendar";

function hosts(domain: string) {
  return { domain, accounts: `accounts.${domain}`, calendar: `calendar.${domain}` };
}
