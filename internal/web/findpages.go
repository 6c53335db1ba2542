package web

import (
	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/exchange"
	"tocsin/internal/hook"
	"tocsin/internal/hygiene"
	"tocsin/internal/intake"
	"tocsin/internal/kri"
	"tocsin/internal/observation"
	"tocsin/internal/party"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/setup"
)

// findPage is a page that the palette knows besides the places of the navigation:
// also are words under which it is looked for, and verb what its reader's roles must
// cover for it to be offered. The page itself decides who sees it.
type findPage struct {
	path, title, also, kind string
	verb                    access.Verb
}

// What choosing a page does.
const (
	goes   = "go to"
	begins = "do"
)

// findPages are all pages without a record in their address that stand in no
// navigation.
var findPages = []findPage{
	{"/cases/new", "Open a case", "new", begins, casework.VerbOpen},
	{"/inbox/new", "Enter a report", "new vulnerability", begins, intake.VerbSubmit},
	{"/risks/new", "Raise a risk", "new register", begins, risk.VerbRaise},
	{"/observations/new", "Open an observation", "new finding control", begins, observation.VerbOpen},
	{"/people/new", "Invite a colleague", "new person account", begins, party.VerbInvite},
	{"/register/import", "Import risks", "csv xlsx json nist oscal", begins, exchange.VerbImport},
	{"/register/export", "Export the register", "csv xlsx json nist oscal", begins, exchange.VerbExport},
	{"/tasks", "Your tasks", "to do register", goes, kri.VerbRead},
	{"/register/board", "Board of the register", "risks stages", goes, risk.VerbRead},
	{"/register/recurrence", "What keeps coming back", "recurrence recurring weakness cwe root cause", goes, risk.VerbRead},
	{"/register/recurrence/others", "Also proposed", "recurrence risks", goes, risk.VerbRead},
	{"/register/portfolio", "What the risks cost together", "portfolio money loss fair quantify", goes, risk.VerbRead},
	{"/register/appetite", "Risk appetite", "tolerance survey", goes, risk.VerbRead},
	{"/register/strategy", "What leaders choose", "strategy candidates departments", goes, review.VerbRead},
	{"/register/hygiene", "Hygiene", "policies labels register", goes, hygiene.VerbRun},
	{"/reviews", "Reviews", "meetings minutes agenda pack", goes, review.VerbRead},
	{"/observations", "Observations", "findings controls audit", goes, observation.VerbRead},
	{"/observations/board", "Board of observations", "stages controls", goes, observation.VerbRead},
	{"/kris", "Key risk indicators", "kri measures lights", goes, kri.VerbRead},
	{"/teams", "Teams", "people", goes, ""},
	{"/webhooks", "Webhooks", "events programs subscriptions", goes, hook.VerbKeep},
	{"/tokens", "API tokens", "keys programs", goes, party.VerbRevokeToken},
	{"/people/roles", "Who may do what", "roles grants rights", goes, "profile.read"},
	{"/first-run", "First run", "setup organisation", goes, setup.Verb},
	{"/account/codes", "One-time codes", "totp two factors authenticator", goes, ""},
	{"/search", "Search", "find words", goes, ""},
}
