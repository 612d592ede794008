package dev.postern.testkit.internal.script;

import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Provocation;
import dev.postern.testkit.fault.Stage;

/** Writes what goes wrong into a script. */
public final class ScriptedProvocation implements Provocation {

    private final FaultScript script;
    private final FaultScript.When when;

    public ScriptedProvocation(FaultScript script, Stage stage) {
        this(script, new FaultScript.When(stage, "", ""));
    }

    private ScriptedProvocation(FaultScript script, FaultScript.When when) {
        this.script = script;
        this.when = when;
    }

    @Override
    public Provocation forUser(String user) {
        return new ScriptedProvocation(script, new FaultScript.When(when.stage(), user, when.address()));
    }

    @Override
    public Provocation forAddress(String address) {
        return new ScriptedProvocation(script, new FaultScript.When(when.stage(), when.user(), address));
    }

    @Override
    public void times(int times, Fault fault) {
        script.add(when, fault, Math.max(0, times));
    }

    @Override
    public void always(Fault fault) {
        script.add(when, fault, FaultScript.ALWAYS);
    }
}
