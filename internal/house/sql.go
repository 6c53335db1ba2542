package house

import (
	"context"

	"tocsin/internal/db"
)

// above tells whether the role by which PostgreSQL is reached stands above row
// security.
func above(ctx context.Context, d *db.DB) (yes bool, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(&yes); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return yes, err
}
