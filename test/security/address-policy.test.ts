import { describe, expect, it } from "vitest";
import { IntegrationError } from "../../src/errors.ts";
import { createAddressPolicy, type Destination } from "../../src/security/egress/address-policy.ts";

const overHttps: Destination = { protocol: "https:", hostname: "example.com", port: 443 };
const overHttp: Destination = { protocol: "http:", hostname: "example.com", port: 80 };

const admits = (destination: Destination, address: string, allowCidrs: readonly string[] = []) =>
  !(
    createAddressPolicy({ allowCidrs, allowedOrigins: [] }).admit(destination, [{ address }]) instanceof
    IntegrationError
  );

describe("the address policy", () => {
  it.each([
    { address: "8.8.8.8", what: "a public IPv4 address" },
    { address: "2606:4700::1111", what: "a public IPv6 address" },
    { address: "::ffff:8.8.8.8", what: "a public IPv4 address, mapped" },
    { address: "64:ff9b::808:808", what: "a public IPv4 address behind NAT64" },
  ])("admits $what over https, and not over http", ({ address }) => {
    expect(admits(overHttps, address)).toBe(true);
    expect(admits(overHttp, address)).toBe(false);
  });

  it.each([
    { address: "127.0.0.1", what: "loopback" },
    { address: "0.0.0.0", what: "this host" },
    { address: "10.1.2.3", what: "a private network" },
    { address: "172.31.0.1", what: "a private network" },
    { address: "192.168.1.1", what: "a private network" },
    { address: "100.100.100.200", what: "carrier-grade NAT" },
    { address: "169.254.169.254", what: "link-local, where clouds keep metadata" },
    { address: "168.63.129.16", what: "Azure's host agent" },
    { address: "192.0.0.192", what: "protocol assignments" },
    { address: "198.18.0.1", what: "benchmarking" },
    { address: "203.0.113.7", what: "documentation" },
    { address: "224.0.0.1", what: "multicast" },
    { address: "255.255.255.255", what: "broadcast" },
    { address: "2130706433", what: "loopback as one number" },
    { address: "0x7f.1", what: "loopback in hexadecimal" },
    { address: "0177.0.0.1", what: "loopback in octal" },
    { address: "::", what: "this host" },
    { address: "::1", what: "loopback" },
    { address: "::127.0.0.1", what: "loopback, IPv4-compatible" },
    { address: "::ffff:10.0.0.1", what: "a private address, mapped" },
    { address: "::ffff:0:10.0.0.1", what: "a private address, translated" },
    { address: "64:ff9b::a00:1", what: "a private address behind NAT64" },
    { address: "64:ff9b:1::808:808", what: "somebody's own NAT64" },
    { address: "2002:a00:1::", what: "6to4" },
    { address: "2001:0:a00:1::", what: "Teredo" },
    { address: "fe80::1%eth0", what: "link-local" },
    { address: "fec0::1", what: "site-local" },
    { address: "fd00:ec2::254", what: "unique local, where clouds keep metadata" },
    { address: "2001:db8::1", what: "documentation" },
    { address: "ff02::1", what: "multicast" },
    { address: "4000::1", what: "what nobody has assigned" },
    { address: "not an address", what: "what cannot be read" },
  ])("refuses $address: $what", ({ address }) => {
    expect(admits(overHttps, address)).toBe(false);
  });

  it("admits an allowed network over http and https, and nothing beside it", () => {
    const allowed = ["10.20.0.0/16", "fd12::/32"];
    for (const destination of [overHttp, overHttps]) {
      expect(admits(destination, "10.20.3.4", allowed)).toBe(true);
      expect(admits(destination, "::ffff:10.20.3.4", allowed)).toBe(true);
      expect(admits(destination, "fd12::1", allowed)).toBe(true);
      expect(admits(destination, "10.21.0.1", allowed)).toBe(false);
      expect(admits(destination, "fd13::1", allowed)).toBe(false);
    }
  });

  it("does not say which address a name has", () => {
    const refusal = createAddressPolicy({ allowCidrs: [], allowedOrigins: [] }).admit(overHttps, [
      { address: "10.9.8.7" },
    ]);
    expect(refusal).toMatchObject({ code: "EGRESS_REFUSED", remedy: expect.stringContaining("internet") });
    expect((refusal as IntegrationError).message).toBe("example.com is not a public address");
  });

  it("names a network that cannot be read", () => {
    expect(() => createAddressPolicy({ allowCidrs: ["10.0.0.0/99"], allowedOrigins: [] })).toThrow('"10.0.0.0/99"');
  });
});
