package db

import "context"

// MigrateTo brings an empty store up by the named migrations alone, as an earlier
// version did.
func (d *DB) MigrateTo(ctx context.Context, names map[string]bool) error {
	return d.Write(ctx, func(tx *Tx) error {
		if err := tx.lockSchema(ctx); err != nil {
			return err
		}
		for _, m := range migrations(tx.Engine) {
			if !names[m.name] {
				continue
			}
			if err := tx.migrate(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
}
