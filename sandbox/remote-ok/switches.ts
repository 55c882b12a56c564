/** What the reference calls unverified, or says nothing about. */
export interface RemoteOkSwitches {
  /** How many of the newest posts the public list has. */
  listLength: number;
  /** Whether the list says where the company has candidates apply, or an address of Remote OK's that leads there. */
  applyUrls: "own" | "redirect";
  /** Whether addresses in the list begin with the host. */
  urls: "absolute" | "relative";
  ids: "numbers" | "texts";
  /** Whether programs have to say who they are. */
  wantsUserAgent: boolean;
  /** What one post costs for its days, in US dollars. */
  price: number;
  daysPaid: number;
}

export function defaultSwitches(): RemoteOkSwitches {
  return {
    listLength: 100,
    applyUrls: "own",
    urls: "absolute",
    ids: "texts",
    wantsUserAgent: true,
    price: 299,
    daysPaid: 30,
  };
}
