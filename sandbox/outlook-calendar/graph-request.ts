/** A request below `/v1.0` of somebody who is signed in. */
export interface GraphRequest {
  readonly method: string;
  /** With a slash in front: `/me/events`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** As it came; read where it is needed. */
  readonly body: string;
  readonly caller: { readonly email: string; readonly scopes: readonly string[] };
}

export interface GraphReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined is an empty one. */
  readonly body: unknown;
}

export const noContent: GraphReply = { status: 204, body: undefined };
export const accepted: GraphReply = { status: 202, body: undefined };
