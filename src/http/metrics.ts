import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** What is counted and timed, in the Prometheus text format. Labels hold names of ours only, never ids. */
export class Metrics {
  private readonly registry = new Registry();
  private beforeReading: () => Promise<void> = async () => {};
  private readonly requests = this.histogram("integrations_http_request_duration_seconds", "HTTP requests", [
    "method",
    "route",
    "status",
  ]);
  private readonly tasks = this.histogram("integrations_task_duration_seconds", "Background tasks", [
    "task",
    "outcome",
  ]);
  private readonly syncs = this.histogram("integrations_sync_duration_seconds", "Syncs", ["provider", "state"]);
  private readonly calls = this.histogram("integrations_provider_call_duration_seconds", "Calls to providers", [
    "provider",
    "method",
    "outcome",
  ]);

  private readonly tokenCalls = this.histogram("integrations_token_call_duration_seconds", "Calls for access tokens", [
    "provider",
    "outcome",
  ]);

  private readonly webhookCalls = this.histogram(
    "integrations_webhook_call_duration_seconds",
    "Events sent to webhook endpoints",
    ["outcome"],
  );

  private readonly callWaits = this.histogram(
    "integrations_call_wait_seconds",
    "How long calls to providers waited until they were let through (went) or kept back (the code)",
    ["provider", "outcome"],
  );
  private readonly accountPauses = new Counter({
    name: "integrations_account_pauses_total",
    help: "How often a provider asked to leave an account, or a server, alone",
    labelNames: ["provider"],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** @param look what all processes know, by provider; asked whenever somebody reads the metrics */
  watchLimits(
    look: () => Promise<
      readonly { provider: string; pausedAccounts: number; pausedServers: number; outages: number }[]
    >,
  ): void {
    const gauge = (name: string, help: string) =>
      new Gauge({ name, help, labelNames: ["provider"], registers: [this.registry] });
    const outages = gauge("integrations_provider_outages", "Servers of a provider that are down and not called");
    const paused = gauge(
      "integrations_paused_accounts",
      "Accounts that are left alone because the provider asked for it",
    );
    const shut = gauge("integrations_paused_servers", "Servers that are left alone because they asked for it");
    this.beforeReading = async () => {
      outages.reset();
      shut.reset();
      paused.reset();
      for (const { provider, ...known } of await look()) {
        outages.set({ provider }, known.outages);
        paused.set({ provider }, known.pausedAccounts);
        shut.set({ provider }, known.pausedServers);
      }
    };
  }

  request({
    method,
    route,
    status,
    durationMs,
  }: {
    method: string;
    route: string;
    status: number;
    durationMs: number;
  }): void {
    this.requests.observe({ method, route, status }, durationMs / 1000);
  }

  task({ task, outcome, durationMs }: { task: string; outcome: string; durationMs: number }): void {
    this.tasks.observe({ task, outcome }, durationMs / 1000);
  }

  sync({ provider, state, durationMs }: { provider: string; state: string; durationMs: number }): void {
    this.syncs.observe({ provider, state }, durationMs / 1000);
  }

  providerCall({
    provider,
    method,
    outcome,
    durationMs,
  }: {
    provider: string;
    method: string;
    outcome: string;
    durationMs: number;
  }): void {
    this.calls.observe({ provider, method, outcome }, durationMs / 1000);
  }

  /** A call to a vendor's token endpoint. */
  tokenCall({ provider, outcome, durationMs }: { provider: string; outcome: string; durationMs: number }): void {
    this.tokenCalls.observe({ provider, outcome }, durationMs / 1000);
  }

  /** An event that was sent to a customer's URL. */
  webhookCall({ outcome, durationMs }: { outcome: string; durationMs: number }): void {
    this.webhookCalls.observe({ outcome }, durationMs / 1000);
  }

  /** A call that waited at the gate. */
  callWait({ provider, outcome, durationMs }: { provider: string; outcome: string; durationMs: number }): void {
    this.callWaits.observe({ provider, outcome }, durationMs / 1000);
  }

  accountPause({ provider }: { provider: string }): void {
    this.accountPauses.inc({ provider });
  }

  async text(): Promise<string> {
    // Without the database there is less to read, and reading what there is matters most then.
    await this.beforeReading().catch(() => {});
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  private histogram<L extends string>(name: string, help: string, labelNames: readonly L[]): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets: seconds, registers: [this.registry] });
  }
}
