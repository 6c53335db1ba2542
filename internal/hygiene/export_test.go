package hygiene

import "context"

// Between is a run with something that happens after the records are read and before
// anything is written on them.
func Between(ctx context.Context, s *Hygiene, happens func()) error {
	rs, now, asker, err := s.records(ctx)
	if err != nil {
		return err
	}
	happens()
	for _, r := range rs {
		if _, todo := s.rules(r.on).judge(r, now); !todo.nothing() {
			if err := s.do(ctx, todo, asker); err != nil {
				return err
			}
		}
	}
	return nil
}
