/** Whether a reader takes gzip, by its `Accept-Encoding` (RFC 9110 §12.5.3). One that says nothing gets the text as it is. */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  const weights = new Map(
    [header ?? []].flat().flatMap((line) =>
      line.split(",").map((entry): [string, number] => {
        const [coding = "", ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
        const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
        return [coding, weight === undefined ? 1 : Number(weight)];
      }),
    ),
  );
  return (weights.get("gzip") ?? weights.get("x-gzip") ?? weights.get("*") ?? 0) > 0;
}
