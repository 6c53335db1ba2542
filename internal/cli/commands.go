package cli

// commands is the tree of commands.
type commands struct {
	Serve       serveCmd       `cmd:"" help:"Run the server: pages, API, portal and background work."`
	Work        workCmd        `cmd:"" help:"Run background work alone, beside a server on the same PostgreSQL."`
	Demo        demoCmd        `cmd:"" help:"Open a throw-away demonstration of a fictional vendor."`
	Migrate     migrateCmd     `cmd:"" help:"Bring the store's schema up, or check that it is."`
	Profile     profileCmd     `cmd:"" help:"Check, show or draw a process profile."`
	Audit       auditCmd       `cmd:"" help:"Verify the audit log, or prove one entry."`
	Case        caseCmd        `cmd:"" help:"List cases."`
	Report      reportCmd      `cmd:"" help:"List reports."`
	Observation observationCmd `cmd:"" help:"List observations."`
	Search      searchCmd      `cmd:"" help:"Look for words in everything that the store holds."`
	Metrics     metricsCmd     `cmd:"" help:"How the handling of cases went: clocks kept and missed, times, ages, intake."`
	Advisory    advisoryCmd    `cmd:"" help:"List advisories; check advisory files: CSAF 2.0, CVE 5, OSV, OpenVEX."`
	Bulk        bulkCmd        `cmd:"" help:"Do one thing to many records, and undo it."`
	Score       scoreCmd       `cmd:"" help:"Score vectors, and rate risks by other methods."`
	Risk        riskCmd        `cmd:"" help:"Ask the register: what keeps coming back."`
	Review      reviewCmd      `cmd:"" help:"Reports of the register's reviews, signed, and their proof."`
	Fair        fairCmd        `cmd:"" help:"Quantify risks: Open FAIR, by simulation."`
	Import      importCmd      `cmd:"" help:"Bring published history in."`
	Export      exportCmd      `cmd:"" help:"Write the records out."`
	Backup      backupCmd      `cmd:"" help:"Write a consistent backup of the store, while it runs."`
	Restore     restoreCmd     `cmd:"" help:"Restore a backup into an empty store of either engine."`
	Admin       adminCmd       `cmd:"" help:"Tokens, people and the set-up link."`
	Doctor      doctorCmd      `cmd:"" help:"Say what of the installation is not set up yet, and how it is mended."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
	Completion  completionCmd  `cmd:"" help:"Print the completion script of a shell."`
}

// store is how a command finds the house.
type store struct {
	DB            string   `name:"db" env:"TOCSIN_DB" default:"tocsin.db" help:"SQLite file, or postgres://user@host/name." placeholder:"STORE"`
	Profile       string   `env:"TOCSIN_PROFILE" default:"generic" help:"Process profile: generic, gitlab, or a folder." placeholder:"NAME|DIR"`
	KeyFile       string   `env:"TOCSIN_KEY_FILE" help:"The house's secret key; made at first start. Default: beside the store." placeholder:"FILE"`
	URL           string   `env:"TOCSIN_URL" help:"How people reach the house from outside." placeholder:"URL"`
	PortalURL     string   `env:"TOCSIN_PORTAL_URL" help:"How reporters reach the portal, where it is another address." placeholder:"URL"`
	CheckpointDir string   `env:"TOCSIN_CHECKPOINT_DIR" help:"Keep a signed checkpoint of the audit log here, once a minute." placeholder:"DIR"`
	SMTP          string   `env:"TOCSIN_SMTP" help:"Mail server, smtp://user:password@host:587; without one mails stay in the outbox." placeholder:"URL"`
	MailFrom      string   `env:"TOCSIN_MAIL_FROM" help:"Sender of mails." placeholder:"ADDRESS"`
	Networks      []string `name:"webhook-networks" env:"TOCSIN_WEBHOOK_NETWORKS" help:"Networks of your own that webhooks may reach too, such as 10.20.0.0/16; without, only public addresses." placeholder:"NETWORK"`
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(e *Env) error {
	e.say("tocsin %s", Version)
	return nil
}
