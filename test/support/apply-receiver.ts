import { type LoopbackServer, serveOnLoopback } from "./loopback-server.ts";

/** Where applications arrive: it answers with these statuses, and then with 200. */
export async function aReceiver(...statuses: readonly number[]): Promise<LoopbackServer> {
  const left = [...statuses];
  return serveOnLoopback((_, response) => {
    const status = left.shift() ?? 200;
    response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
  });
}
