import type { StoredOrganization } from "./state.ts";

/** Customers that have completed the onboarding, for whoever looks at the product on their own machine. */
export const seededOrganizations: readonly Pick<StoredOrganization, "urn" | "name" | "contract" | "seatHolders">[] = [
  {
    urn: "urn:li:organization:1001",
    name: "Muster AG",
    contract: "urn:li:contract:2001",
    seatHolders: ["ana@example.test"],
  },
  {
    urn: "urn:li:organization:1002",
    name: "Beispiel GmbH",
    contract: "urn:li:contract:2002",
    seatHolders: ["bo@example.test"],
  },
];
