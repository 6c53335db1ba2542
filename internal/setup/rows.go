package setup

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/profile"
)

// Facts are what the rows are made from.
type Facts struct {
	Now          time.Time
	Organisation Organisation
	Profile      *profile.Profile
	BuiltIn      bool // the profile comes with the program
	Machine

	Admins, Analysts, People int      // active, and besides one may be both
	Invited                  int      // who have not signed in yet
	Unheld                   []string // roles that some step needs and nobody has
	Products                 int
	Parked                   int       // jobs; -1 is not known
	Waiting                  int       // mails in the outbox that nobody sent; -1 is not known
	Backup, Verified         time.Time // zero is never, as far as is known
}

// Machine is what the running program knows of where it runs.
type Machine struct {
	URL, Portal   string
	Store         string // "SQLite" or "PostgreSQL"
	Size          int64  // bytes of the store; 0 is not known
	Free          int64  // bytes that are free where the store lies; -1 is not known
	Above         bool   // the role at PostgreSQL stands above row security
	KeyFile       string // name of the file, without its folder
	KeyOpen       bool   // others than its owner may read it
	Mail          bool
	CheckpointDir bool
	Zone          string // of the machine
}

// tooOld is after how many days a backup or a proof is worth a look.
const tooOld = 7

// little is how little free room is worth a look, in bytes; next to none is a tenth.
const little = 2 << 30

// Rows are all rows, in the order in which a new installation meets them.
func Rows(f Facts) []Row {
	return []Row{organisation(f), process(f), product(f), colleague(f), secondAdmin(f), analyst(f), roles(f), mail(f), address(f), tls(f),
		publisher(f), store(f), disk(f), key(f), backedUp(f), verified(f), kept(f), jobs(f), zone(f)}
}

// Worst is the worst state among rows.
func Worst(rows []Row) State {
	order := map[State]int{Good: 0, Later: 1, Look: 2, Missing: 3}
	worst := Good
	for _, r := range rows {
		if order[r.State] > order[worst] {
			worst = r.State
		}
	}
	return worst
}

// example tells whether the publisher is still the one that a profile of ours shows.
func (f Facts) example() bool { return f.BuiltIn && f.Organisation.Name == "" }

func organisation(f Facts) Row {
	r := Row{Word: "organisation", Title: "Organisation", Link: "/first-run/organisation", State: Good}
	switch {
	case !f.BuiltIn:
		r.Link, r.Says = "/profile", fmt.Sprintf("%s, as the profile in your folder says.", f.Profile.Publisher.Name)
	case f.Organisation.Name == "":
		r.State, r.Says = Missing, fmt.Sprintf("Nobody has said whose house this is; the portal and advisories would say “%s”, which the profile only shows as an example.", f.Profile.Publisher.Name)
	case f.Organisation.Name != f.Profile.Publisher.Name || f.Organisation.Namespace != f.Profile.Publisher.Namespace:
		r.State, r.Says = Look, fmt.Sprintf("“%s” is kept and counts from the next start of the server.", f.Organisation.Name)
	default:
		r.Says = f.Organisation.Name + "."
	}
	return r
}

func process(f Facts) Row {
	r := Row{Word: "profile", Title: "Process profile", Link: "/profile", State: Good, Says: fmt.Sprintf("%s, version %s, from your folder.", f.Profile.Title, f.Profile.Version)}
	if f.BuiltIn {
		r.State, r.Says = Later, fmt.Sprintf("%s, version %s, comes with the program. Once your own process differs, copy it, change the copy and start with that.", f.Profile.Title, f.Profile.Version)
		r.Command = "tocsin profile copy " + f.Profile.Name + " FOLDER"
	}
	return r
}

func product(f Facts) Row {
	r := Row{Word: "product", Title: "Products", Link: "/products", State: Good, Says: count(f.Products, "product is known.", "products are known.")}
	if f.Products == 0 {
		r.Link, r.State, r.Says = "/first-run/product", Missing, "No product is known, so the public form offers none and a case cannot name one."
	}
	return r
}

func colleague(f Facts) Row {
	r := Row{Word: "colleague", Title: "Colleagues", Link: "/people", State: Good, Says: count(f.People, "person can sign in.", "people can sign in.")}
	switch {
	case f.People > 1:
	case f.Invited > 0:
		r.Says = count(f.Invited, "person is invited and has not come yet.", "people are invited and have not come yet.")
	default:
		r.Link, r.State, r.Says = "/people/new", Missing, "You are alone: nobody can vote on your scores or approve what you write."
	}
	return r
}

func secondAdmin(f Facts) Row {
	r := Row{Word: "second-admin", Title: "Second administrator", Link: "/people", State: Good, Says: count(f.Admins, "administrator.", "administrators.")}
	if f.Admins < 2 {
		r.State, r.Says = Look, "There is one administrator. If that account is lost, only whoever holds the machine can let people in; give a second person the role."
		r.Command = "tocsin admin person invite --name NAME --role admin"
	}
	return r
}

func analyst(f Facts) Row {
	r := Row{Word: "analyst", Title: "Somebody who decides about reports", Link: "/people", State: Good, Says: count(f.Analysts, "person decides about reports.", "people decide about reports.")}
	if f.Analysts == 0 {
		r.State, r.Says = Missing, "Nobody who can sign in has a role that accepts reports, so what comes in stays in the inbox."
	}
	return r
}

func roles(f Facts) Row {
	r := Row{Word: "roles", Title: "Roles", Link: "/people/roles", State: Good, Says: "Every step of the life cycles has somebody who may take it."}
	if len(f.Unheld) > 0 {
		r.State, r.Says = Look, "Nobody has a role that covers: "+strings.Join(f.Unheld, ", ")+"."
	}
	return r
}

func mail(f Facts) Row {
	r := Row{Word: "mail", Title: "Mail", Link: "/outbox", State: Good, Says: "A mail server is set."}
	if !f.Mail {
		r.State, r.Says = Look, "No mail server is set: nobody is told outside these pages, and mails stay in the outbox."
		r.Command = "TOCSIN_SMTP=smtp://USER:PASSWORD@HOST:587 tocsin serve --mail-from psirt@example.com"
	}
	return r
}

func address(f Facts) Row {
	r := Row{Word: "address", Title: "Public address", State: Good, Says: "People reach the pages at " + f.URL + ", reporters at " + f.Portal + "."}
	if local(f.URL) || local(f.Portal) {
		r.State, r.Says = Look, fmt.Sprintf("Links in mails and advisories lead to %s, which only this machine reaches.", f.Portal)
		r.Command = "tocsin serve --url https://psirt.example.com"
	}
	return r
}

func tls(f Facts) Row {
	r := Row{Word: "tls", Title: "TLS", State: Good, Says: "The address begins with https, and cookies are sent over TLS alone."}
	switch {
	case strings.HasPrefix(f.URL, "https:") && strings.HasPrefix(f.Portal, "https:"):
	case local(f.URL) && local(f.Portal):
		r.State, r.Says = Later, "Not needed as long as only this machine reaches the pages."
	default:
		r.State, r.Says = Missing, "Passwords and reports travel readable by everybody on the way: put a reverse proxy with TLS in front, or give a certificate, and set the address to https."
		r.Command = "tocsin serve --tls-cert CHAIN.pem --tls-key KEY.pem --url https://psirt.example.com"
	}
	return r
}

func publisher(f Facts) Row {
	p := f.Profile.Publisher
	r := Row{Word: "publisher", Title: "Publisher in CSAF and CVE", Link: "/profile", State: Good, Says: fmt.Sprintf("%s, %s.", p.Name, p.Namespace)}
	var lack []string
	for _, x := range []struct{ name, text string }{{"contact", p.Contact}, {"policy", p.Policy}, {"org_id", p.OrgID}, {"cna", p.CNA}} {
		if x.text == "" {
			lack = append(lack, x.name)
		}
	}
	switch {
	case f.example():
		r.State, r.Says, r.Link = Missing, fmt.Sprintf("Advisories would name the example's publisher, %s with the namespace %s.", p.Name, p.Namespace), "/first-run/organisation"
	case p.Contact == "" || p.Policy == "":
		r.State, r.Says = Look, "The publisher lacks: "+strings.Join(lack, ", ")+". Readers of an advisory look for how to reach you."
	case len(lack) > 0:
		r.State, r.Says = Later, r.Says+" To publish CVE records the profile wants: "+strings.Join(lack, ", ")+"."
	}
	return r
}

func store(f Facts) Row {
	r := Row{Word: "store", Title: "Store", State: Good, Says: f.Store + ", its schema is up to date"}
	if f.Size > 0 {
		r.Says += ", " + bytes(f.Size)
	}
	r.Says += "."
	if f.Above {
		r.State, r.Says = Look, "PostgreSQL is reached by a role that stands above row security, so the second wall around embargoed records does not stand. Use an ordinary role that owns the database."
		r.Command = "create role tocsin login; alter database tocsin owner to tocsin"
	}
	return r
}

func disk(f Facts) Row {
	r := Row{Word: "disk", Title: "Room on the disk", State: Good, Says: bytes(f.Free) + " are free where the store lies."}
	switch {
	case f.Free < 0:
		r.State, r.Says = Later, "How much room the store has cannot be told from here; look at the machine that it lies on."
	case f.Free < little/10:
		r.State, r.Says = Missing, "Only "+bytes(f.Free)+" are free where the store lies; when it is full, nothing can be written."
	case f.Free < little:
		r.State, r.Says = Look, "Only "+bytes(f.Free)+" are free where the store lies; make room."
	}
	return r
}

func key(f Facts) Row {
	r := Row{Word: "key", Title: "Key of the house", State: Good, Says: "The key file " + f.KeyFile + " is readable by its owner alone. It is in no backup: keep a copy elsewhere."}
	if f.KeyOpen {
		r.State, r.Says, r.Command = Missing, "The key file "+f.KeyFile+" can be read by others than its owner.", "chmod 600 "+f.KeyFile
	}
	return r
}

func backedUp(f Facts) Row {
	return dated(Row{Word: "backup", Title: "Backup", Command: "tocsin backup FILE"}, f.Now, f.Backup, Look,
		"No backup by tocsin backup is known of. One made by other means is not seen here.", "The last backup is %d days old.", "The last backup was made on %s.")
}

func verified(f Facts) Row {
	return dated(Row{Word: "audit", Title: "Audit log proven", Link: "/audit", Command: "tocsin doctor --verify"}, f.Now, f.Verified, Later,
		"Nobody has proven the whole log from here yet.", "The whole log was last proven %d days ago.", "The whole log was proven on %s.")
}

// dated is the row of something that is done now and then: poor is its state where it
// was never done, or too long ago.
func dated(r Row, now, done time.Time, poor State, never, old, fresh string) Row {
	switch age := days(now, done); {
	case done.IsZero():
		r.State, r.Says = poor, never
	case age >= tooOld:
		r.State, r.Says = poor, fmt.Sprintf(old, age)
	default:
		r.State, r.Says, r.Command = Good, fmt.Sprintf(fresh, done.UTC().Format("2 Jan 2006 15:04 UTC")), ""
	}
	return r
}

func kept(f Facts) Row {
	r := Row{Word: "checkpoints", Title: "Checkpoints kept elsewhere", State: Good, Says: "A signed checkpoint of the audit log is put aside once a minute."}
	if !f.CheckpointDir {
		r.State, r.Says = Later, "Signed checkpoints stay in the store alone, so whoever can write to it could cut off the newest entries unseen."
		r.Command = "tocsin serve --checkpoint-dir FOLDER"
	}
	return r
}

func jobs(f Facts) Row {
	r := Row{Word: "jobs", Title: "Background work", Link: "/jobs?state=parked", State: Good, Says: "No job is parked."}
	switch {
	case f.Parked < 0:
		r.State, r.Says = Later, "Whether jobs are parked can be seen by those who may read jobs."
	case f.Parked > 0:
		r.State, r.Says = Look, count(f.Parked, "job failed for good and is parked", "jobs failed for good and are parked")+": read why and let it run again."
	}
	return r
}

func zone(f Facts) Row {
	zones := map[string]bool{}
	var names []string
	for _, c := range f.Profile.Calendars {
		if name := c.Zone.String(); !zones[name] {
			zones[name], names = true, append(names, name)
		}
	}
	return Row{Word: "zone", Title: "Time zone", Link: "/profile/time", State: Good,
		Says: fmt.Sprintf("Clocks run by the calendars' zone, %s; the machine's own, %s, decides nothing.", strings.Join(sorted(names), ", "), f.Zone)}
}
