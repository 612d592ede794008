package dev.postern.examples.quickstart;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads options of a YAML document: a mapping of names to a text, a list of texts or, for limits, a mapping of texts. Texts
 * are taken as they are written, so that a secret of digits keeps its zeros. It looks at the parser's events and so builds
 * nothing that could be large or deep: aliases, tags and further levels are refused where they begin. For one document.
 */
final class YamlOptions {

    private final String source;

    YamlOptions(String source) {
        this.source = source;
    }

    Map<String, List<String>> read(String text) {
        try {
            LoadSettings settings = LoadSettings.builder().setLabel(source).build();
            return document(new Parse(settings).parseString(text).iterator());
        } catch (MarkedYamlEngineException e) { // its message shows the line, which may have a secret
            throw wrong(e.getProblemMark(), "this is no YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw wrong(Optional.empty(), "this is no YAML");
        }
    }

    private Map<String, List<String>> document(Iterator<Event> events) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        events.next(); // the stream's start
        Event event = events.next();
        if (event.getEventId() == Event.ID.StreamEnd) {
            return values;
        }
        event = events.next();
        if (event.getEventId() != Event.ID.MappingStart && !isEmpty(event)) {
            throw wrong(event, "write OPTION: VALUE");
        }
        if (event.getEventId() == Event.ID.MappingStart) {
            plain(event);
            mapping(events, values);
        }
        events.next(); // the document's end
        event = events.next();
        if (event.getEventId() != Event.ID.StreamEnd) {
            throw wrong(event, "a second document: write one");
        }
        return values;
    }

    private void mapping(Iterator<Event> events, Map<String, List<String>> values) {
        for (Event key = events.next(); key.getEventId() != Event.ID.MappingEnd; key = events.next()) {
            String name = scalar(key);
            if (values.putIfAbsent(name, value(name, events)) != null) {
                throw wrong(key, name + " is there twice");
            }
        }
    }

    private List<String> value(String name, Iterator<Event> events) {
        Event event = events.next();
        plain(event);
        List<String> values = new ArrayList<>();
        switch (event.getEventId()) {
            case SequenceStart -> {
                for (Event each = events.next(); each.getEventId() != Event.ID.SequenceEnd; each = events.next()) {
                    values.add(scalar(each));
                }
                if (values.isEmpty()) {
                    throw wrong(event, name + ": write a text, or leave the option out");
                }
            }
            case MappingStart -> {
                if (!name.equals(OptionNames.LIMIT)) {
                    throw wrong(event, name + ": write a text or a list of texts");
                }
                for (Event key = events.next(); key.getEventId() != Event.ID.MappingEnd; key = events.next()) {
                    values.add(scalar(key) + "=" + scalar(events.next()));
                }
            }
            default -> values.add(scalar(event));
        }
        return values;
    }

    private String scalar(Event event) {
        plain(event);
        if (!(event instanceof ScalarEvent scalar)) {
            throw wrong(event, "write a text here, no list or mapping");
        }
        if (isEmpty(event)) {
            throw wrong(event, "write a text here, or leave the option out");
        }
        return scalar.getValue();
    }

    private static boolean isEmpty(Event event) {
        return event instanceof ScalarEvent scalar
                && scalar.isPlain()
                && scalar.getValue().isEmpty();
    }

    /** Refuses what would stand for something else than it shows. */
    private void plain(Event event) {
        boolean tagged = event instanceof ScalarEvent scalar && scalar.getTag().isPresent();
        if (event.getEventId() == Event.ID.Alias
                || tagged
                || event instanceof NodeEvent node && node.getAnchor().isPresent()) {
            throw wrong(event, "no anchors, aliases and tags, please");
        }
    }

    private WrongArgumentException wrong(Event event, String what) {
        return wrong(event.getStartMark(), what);
    }

    private WrongArgumentException wrong(Optional<Mark> mark, String what) {
        return new WrongArgumentException(
                source + mark.map(where -> " line " + (where.getLine() + 1)).orElse("") + ": " + what);
    }
}
