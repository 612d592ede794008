package dev.postern.spool;

import java.util.ArrayList;
import java.util.List;

/** A filter as a part of a statement on messages. Immutable. */
record Where(String sql, List<Object> parameters) {

    static Where of(SpoolFilter filter) {
        List<String> conditions = new ArrayList<>(List.of("1 = 1"));
        List<Object> parameters = new ArrayList<>();
        filter.account().ifPresent(account -> {
            conditions.add("account = ?");
            parameters.add(account);
        });
        filter.state().ifPresent(state -> {
            conditions.add("state = ?");
            parameters.add(Rows.code(state));
        });
        filter.domain().ifPresent(domain -> {
            conditions.add("id IN (SELECT message FROM postern_spool_recipient WHERE domain = ?)");
            parameters.add(domain);
        });
        filter.id().ifPresent(id -> {
            conditions.add("id = ?");
            parameters.add(id);
        });
        return new Where(" WHERE " + String.join(" AND ", conditions), List.copyOf(parameters));
    }

    /** The parameters, and a last one behind them. */
    Object[] and(Object last) {
        List<Object> all = new ArrayList<>(parameters);
        all.add(last);
        return all.toArray();
    }
}
