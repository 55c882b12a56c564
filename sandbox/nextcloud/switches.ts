/** What differs between versions and set-ups of Nextcloud, or was not seen. */
export interface NextcloudSwitches {
  /** More than ten bad logins in half an hour shut the host for everybody. */
  bruteForceProtection: boolean;
  /** Each bad login makes the next answer wait longer, in real time. */
  delaysBadLogins: boolean;
  /** The account's own password is taken too: there is no second factor. */
  takesAccountPasswords: boolean;
  /** Only clients whose User-Agent matches one of these expressions may begin Login Flow v2; null for all. */
  allowedUserAgents: readonly string[] | null;
  /** What the login flow calls the server, where a proxy stands before it; null for its address. */
  serverSaid: string | null;
  /** Calendars and objects that are deleted lie in the trash bin for 30 days. */
  trashBin: boolean;
  /** An event with the UID of one in the bin: 500 up to 32.0.1, 400 on 22 to 24, and fine since nextcloud/server#61881. */
  trashedUid: "error" | "bad-request" | "fine";
  /** What is deleted twice under one name is refused while the first lies in the bin (nextcloud/server#42582). */
  trashedNameBlocksDelete: boolean;
  /** Of several changes in one window the strongest is told: added < modified < deleted. */
  reusedHrefs: "strongest" | "latest";
  /** The server can send mail to guests. */
  mailIsSetUp: boolean;
  /** Null where there is no memory cache. */
  newCalendarsPerHour: number | null;
  maxCalendars: number;
}

export function defaultNextcloudSwitches(): NextcloudSwitches {
  return {
    bruteForceProtection: true,
    delaysBadLogins: false,
    takesAccountPasswords: true,
    allowedUserAgents: null,
    serverSaid: null,
    trashBin: true,
    trashedUid: "error",
    trashedNameBlocksDelete: false,
    reusedHrefs: "strongest",
    mailIsSetUp: false,
    newCalendarsPerHour: 10,
    maxCalendars: 30,
  };
}
