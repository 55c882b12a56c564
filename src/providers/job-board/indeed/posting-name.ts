/** One posting as Indeed names it: by one id it is ended, by the other it is asked for. */
export interface SourcedPosting {
  readonly sourcedPostingId: string;
  /** Null where Indeed did not tell it. */
  readonly employerJobId: string | null;
}

/** Both ids in one, with a space between. */
export function nameOf({ sourcedPostingId, employerJobId }: SourcedPosting): string {
  return employerJobId === null ? sourcedPostingId : `${sourcedPostingId} ${employerJobId}`;
}

export function readName(name: string): SourcedPosting {
  const [sourcedPostingId = "", employerJobId = null] = name.split(" ");
  return { sourcedPostingId, employerJobId };
}
