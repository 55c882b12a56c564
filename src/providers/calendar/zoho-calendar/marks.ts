/** A name that never leads anywhere (RFC 6761 §6.4): the address of an event is the one place where Zoho keeps a mark. */
const ownAddress = "https://integrations.invalid/";
const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const mark = new RegExp(`(?:^${ownAddress.replaceAll(".", "\\.")}|[#&]integrations=)(${uuid})$`);

/** An event's address with our mark: its own where it has one, which still leads where it led. */
export function markedAddress(address: string | null | undefined, id: string): string {
  if (!address || address.startsWith(ownAddress)) return `${ownAddress}${id}`;
  const own = address.replace(new RegExp(`[#&]integrations=${uuid}$`), "");
  return `${own}${own.includes("#") ? "&" : "#"}integrations=${id}`;
}

/** The creation, or the split, that made an event; undefined where it was not this service. */
export function markIn(address: string | null | undefined): string | undefined {
  return mark.exec(address ?? "")?.[1];
}
