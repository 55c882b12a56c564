import { startSandbox } from "./sandbox.ts";

// The stand-ins alone, for whoever runs the service elsewhere: npm run sandbox
const sandbox = await startSandbox({ port: Number(process.env["SANDBOX_PORT"] || 4100), seed: true });
process.stdout.write(`\n  stand-ins  ${sandbox.origin}\n\n  The service uses them with\n\n`);
for (const [name, value] of Object.entries(sandbox.settings)) process.stdout.write(`  ${name}=${value}\n`);
process.stdout.write("\n");
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void sandbox.stop().then(() => process.exit(0)));
}
