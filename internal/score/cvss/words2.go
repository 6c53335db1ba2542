package cvss

// metrics2 are the metrics of CVSS 2.0 (A Complete Guide to the Common
// Vulnerability Scoring System Version 2.0, section 2), explained in our words.
var metrics2 = []Metric{
	{Abbrev: "AV", Name: "Access Vector", Group: Base, Mandatory: true, Help: "From how far away can the weakness be used?", Choices: []Choice{
		{"L", "Local", "The attacker needs the machine itself or an account on it."},
		{"A", "Adjacent Network", "The attacker needs the same local network, radio range or broadcast domain."},
		{"N", "Network", "The attacker can be anywhere that the network reaches."},
	}},
	{Abbrev: "AC", Name: "Access Complexity", Group: Base, Mandatory: true, Help: "How special must the circumstances be once the target is reached?", Choices: []Choice{
		{"H", "High", "Rare circumstances, a narrow race or elaborate deceit are needed."},
		{"M", "Medium", "Somewhat special circumstances are needed, or a person must be tricked a little."},
		{"L", "Low", "Nothing special is needed; the usual configuration will do."},
	}},
	{Abbrev: "Au", Name: "Authentication", Group: Base, Mandatory: true, Help: "How many times must the attacker sign in?", Choices: []Choice{
		{"M", "Multiple", "Twice or more, even with the same credentials."},
		{"S", "Single", "Once."},
		{"N", "None", "Not at all."},
	}},
	{Abbrev: "C", Name: "Confidentiality Impact", Group: Base, Mandatory: true, Help: "How much can the attacker read that is not theirs to read?", Choices: impacts2("Nothing becomes readable.", "Some information becomes readable, not of the attacker's choosing.", "Everything on the system becomes readable.")},
	{Abbrev: "I", Name: "Integrity Impact", Group: Base, Mandatory: true, Help: "How much can the attacker change that is not theirs to change?", Choices: impacts2("Nothing can be changed.", "Some data or files can be changed, within limits.", "Everything on the system can be changed.")},
	{Abbrev: "A", Name: "Availability Impact", Group: Base, Mandatory: true, Help: "How far can the attacker disturb the service?", Choices: impacts2("Not at all.", "It slows down or fails now and then.", "It can be shut off altogether.")},

	{Abbrev: "E", Name: "Exploitability", Group: Temporal, Help: "What means of attack are known today?", Choices: []Choice{
		{"ND", "Not Defined", "Not judged; scores as High."},
		{"U", "Unproven", "No exploit is known, or only a theory."},
		{"POC", "Proof of Concept", "A demonstration exists that is no use against most systems as it is."},
		{"F", "Functional", "Working exploit code exists for most situations."},
		{"H", "High", "It works everywhere by hand or by itself, or is being used by malware."},
	}},
	{Abbrev: "RL", Name: "Remediation Level", Group: Temporal, Help: "What can be done against it today?", Choices: []Choice{
		{"ND", "Not Defined", "Not judged; scores as Unavailable."},
		{"OF", "Official Fix", "The vendor has released a complete fix."},
		{"TF", "Temporary Fix", "The vendor has released something for the meantime."},
		{"W", "Workaround", "There is a way around it that does not come from the vendor."},
		{"U", "Unavailable", "There is nothing, or nothing that can be applied."},
	}},
	{Abbrev: "RC", Name: "Report Confidence", Group: Temporal, Help: "How sure is it that the weakness exists as told?", Choices: []Choice{
		{"ND", "Not Defined", "Not judged; scores as Confirmed."},
		{"UC", "Unconfirmed", "One source, or reports that contradict each other."},
		{"UR", "Uncorroborated", "Several unofficial sources that agree in the main."},
		{"C", "Confirmed", "The vendor says so, or it has been seen to work."},
	}},
	{Abbrev: "CDP", Name: "Collateral Damage Potential", Group: Environmental, Help: "What could be lost in life, property or income in this environment?", Choices: []Choice{
		{"ND", "Not Defined", "Not judged; scores as None."},
		{"N", "None", "Nothing of that kind."},
		{"L", "Low", "Slight damage or loss."},
		{"LM", "Low-Medium", "Moderate damage or loss."},
		{"MH", "Medium-High", "Significant damage or loss."},
		{"H", "High", "Catastrophic damage or loss."},
	}},
	{Abbrev: "TD", Name: "Target Distribution", Group: Environmental, Help: "What share of this environment is open to the attack?", Choices: []Choice{
		{"ND", "Not Defined", "Not judged; scores as High."},
		{"N", "None", "No system, or only a laboratory's."},
		{"L", "Low", "Up to a quarter."},
		{"M", "Medium", "Between a quarter and three quarters."},
		{"H", "High", "More than three quarters."},
	}},
	{Abbrev: "CR", Name: "Confidentiality Requirement", Group: Environmental, Help: "How much would lost confidentiality hurt here?", Choices: requirement2()},
	{Abbrev: "IR", Name: "Integrity Requirement", Group: Environmental, Help: "How much would lost integrity hurt here?", Choices: requirement2()},
	{Abbrev: "AR", Name: "Availability Requirement", Group: Environmental, Help: "How much would lost availability hurt here?", Choices: requirement2()},
}

func impacts2(none, partial, complete string) []Choice {
	return []Choice{{"N", "None", none}, {"P", "Partial", partial}, {"C", "Complete", complete}}
}

func requirement2() []Choice {
	return []Choice{
		{"ND", "Not Defined", "Not judged; scores as Medium."},
		{"L", "Low", "The harm here would be limited."},
		{"M", "Medium", "The harm here would be serious."},
		{"H", "High", "The harm here would be catastrophic."},
	}
}
