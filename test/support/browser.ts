/** A browser as far as consent needs one: it keeps cookies for each origin and follows where it is sent, one step at a time. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  /** One request. @returns the answer, not followed */
  async visit(url: string): Promise<Response> {
    const { origin } = new URL(url);
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const reply = await fetch(url, { redirect: "manual", ...(cookie && { headers: { cookie } }) });
    for (const line of reply.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    return reply;
  }

  /** @returns where the answer sends the browser */
  async sentTo(url: string): Promise<string> {
    const reply = await this.visit(url);
    const location = reply.headers.get("location");
    if (location === null) throw new Error(`Not sent anywhere: ${reply.status} ${await reply.text()}`);
    return location;
  }
}
