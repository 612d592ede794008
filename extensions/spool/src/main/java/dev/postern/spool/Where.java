package dev.postern.spool;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A filter as a part of a statement on messages. Immutable. */
record Where(String sql, List<Object> parameters) {

    private static final Where ALL = new Where(" WHERE 1 = 1", List.of());

    static Where of(SpoolFilter filter) {
        return ALL.with("account = ?", filter.account())
                .with("state = ?", filter.state().map(state -> Rows.code(state)))
                .with("id IN (SELECT message FROM postern_spool_recipient WHERE domain = ?)", filter.domain())
                .with("id = ?", filter.id());
    }

    private Where with(String condition, Optional<?> wanted) {
        return wanted.map(value -> new Where(sql + " AND " + condition, List.of(and(value))))
                .orElse(this);
    }

    /** The parameters, and a last one behind them. */
    Object[] and(Object last) {
        List<Object> all = new ArrayList<>(parameters);
        all.add(last);
        return all.toArray();
    }
}
