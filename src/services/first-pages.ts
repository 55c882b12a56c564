import type { EntityTarget, SelectQueryBuilder } from "typeorm";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { possibleNames } from "./id.ts";
import { type cursorsOf, type Page, pageOf } from "./page.ts";

interface Groups<Row> {
  /** The rows with one name in this field are a list of their own. */
  readonly by: keyof Row & string;
  readonly names: readonly string[];
  /** In which every list is, by id. */
  readonly order: "ASC" | "DESC";
  readonly first: number;
  /** Those of one name's list. */
  readonly cursorsFor: (name: string) => ReturnType<typeof cursorsOf>;
}

/**
 * The first page of each name's list, in one statement.
 *
 * @param visible what may be seen
 */
export async function firstPagesOf<Row extends { readonly tenantId: string; readonly id: string }>(
  tx: TenantTransaction,
  entity: EntityTarget<Row>,
  visible: SelectQueryBuilder<Row>,
  { by, names, order, first, cursorsFor }: Groups<Row>,
): Promise<ReadonlyMap<string, Page<Row>>> {
  const row = visible.alias;
  const ranked = visible
    .andWhere(`${row}.${by} = ANY(:names)`)
    .select(`${row}.id`, "id")
    .addSelect(`row_number() OVER (PARTITION BY ${row}.${by} ORDER BY ${row}.id ${order})`, "place");
  const rows = await tx.manager
    .createQueryBuilder(entity, "mine")
    .where("mine.tenantId = :tenantId")
    .andWhere(`mine.id IN (SELECT ranked.id FROM (${ranked.getQuery()}) ranked WHERE ranked.place <= :limit)`)
    .setParameters({ ...ranked.getParameters(), names: possibleNames(names), limit: first + 1 })
    .orderBy("mine.id", order)
    .getMany();
  return new Map(
    names.map((name) => {
      const cursors = cursorsFor(name);
      const own = rows.filter((each) => each[by] === name);
      return [name, pageOf(own, first, ({ id }) => cursors.write([id]))];
    }),
  );
}
