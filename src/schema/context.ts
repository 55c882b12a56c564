import { type IntegrationError, isIntegrationError } from "../errors.ts";
import type { EventFeed, EventFilter, FeedEvent } from "../services/event-feed.ts";
import { causedBy } from "../services/integration-events.ts";
import type { Viewer } from "../services/viewer.ts";
import { createLoaders, type LoaderSources, type Loaders } from "./loaders.ts";

/** Who a request is from, or why that is not known. Composition and introspection need nobody. */
export type Caller = Viewer | IntegrationError;

export interface ContextSources extends LoaderSources {
  readonly eventFeed: Pick<EventFeed, "byIds" | "startFollowing">;
}

/** What every resolver gets: who asks, and loaders that live as long as the request. */
export class Context {
  private loaded: Loaders | undefined;

  constructor(
    private readonly caller: Caller,
    /** The same for everything this request brings about. */
    readonly correlationId: string,
    private readonly sources: ContextSources,
  ) {}

  /** @throws {IntegrationError} UNAUTHENTICATED */
  get viewer(): Viewer {
    if (isIntegrationError(this.caller)) throw this.caller;
    return this.caller;
  }

  get loaders(): Loaders {
    this.loaded ??= createLoaders(this.viewer, this.sources);
    return this.loaded;
  }

  get cause(): ReturnType<typeof causedBy> {
    return causedBy(this.viewer, this.correlationId);
  }

  forgetLoaded(): void {
    this.loaded = undefined;
  }

  /** The viewer's events, until the reader has enough; it ends at once then, even while it waits. */
  async follow(filter: EventFilter, after: string | null): Promise<AsyncIterableIterator<FeedEvent>> {
    const enough = new AbortController();
    return endingAtOnce(await this.sources.eventFeed.startFollowing(this.viewer, filter, after, enough.signal), enough);
  }
}

function endingAtOnce<T>(events: AsyncGenerator<T>, enough: AbortController): AsyncIterableIterator<T> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => events.next(),
    return: () => {
      enough.abort();
      return events.return(undefined);
    },
  };
}
