package io.github.gptmoe.data.plant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.DocumentReader;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.JsonLinesReader;
import io.github.gptmoe.data.clean.CleanConfig;
import io.github.gptmoe.data.clean.CleanResult;
import io.github.gptmoe.data.clean.Cleaner;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.dedup.DedupRun;
import io.github.gptmoe.data.dedup.MatchText;
import io.github.gptmoe.data.dedup.RemovedRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares planted faults with what rules and deduplication find. */
public final class FaultCheck {
    private final ObjectMapper json = JsonMapper.builder().build();
    private final Map<Place, Fault> faults = new HashMap<>();
    private final Path planted;

    private record Place(String file, long line) {}

    /**
     * Reads the list of faults.
     *
     * @param planted what {@link FaultPlanter} wrote
     * @throws InputException if it cannot be read
     */
    public FaultCheck(Path planted) {
        this.planted = planted;
        for (Fault fault : rows(planted.resolve(FaultPlanter.FAULTS), Fault.class)) {
            faults.put(new Place(fault.file(), fault.line()), fault);
        }
    }

    private <T> List<T> rows(Path file, Class<T> type) {
        List<T> rows = new ArrayList<>();
        try (JsonLinesReader reader = JsonLinesReader.open(file)) {
            for (JsonLinesReader.Row row = reader.next(); row != null; row = reader.next()) {
                rows.add(json.treeToValue(row.fields(), type));
            }
        } catch (JsonProcessingException other) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, file + ": is not of this version of moe; plant again", other);
        }
        return rows;
    }

    /**
     * Applies rules to the planted corpus.
     *
     * @param config which rules
     * @return a score for each kind that cleaning should find
     */
    public List<FaultScore> cleaning(CleanConfig config) {
        Cleaner cleaner = new Cleaner(config);
        Map<FaultKind, long[]> counts = new HashMap<>();
        Map<String, Long> acted = new HashMap<>();
        Path corpus = planted.resolve(FaultPlanter.CORPUS);
        for (InputFile input : InputFile.of(CorpusFiles.ofOption("--check", List.of(corpus.toString())))) {
            try (DocumentReader reader = DocumentReader.open(List.of(input.path()), BadRows.FAIL)) {
                for (Document document = reader.next(); document != null; document = reader.next()) {
                    count(cleaner, input.name(), document, counts, acted);
                }
            }
        }
        List<FaultScore> scores = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            long[] some = counts.getOrDefault(kind, new long[3]);
            if (!kind.rule().isEmpty()) {
                // Of the documents that a rule acts on, those with another kind of fault it should find are no mistake.
                long others = 0;
                for (FaultKind other : FaultKind.values()) {
                    boolean same = other != kind && other.rule().equals(kind.rule());
                    others += same ? counts.getOrDefault(other, new long[3])[1] : 0;
                }
                scores.add(new FaultScore(
                        kind.written(), some[0], some[1], some[2], acted.getOrDefault(kind.rule(), 0L) - others));
            }
        }
        return scores;
    }

    private void count(
            Cleaner cleaner, String file, Document document, Map<FaultKind, long[]> counts, Map<String, Long> acted) {
        CleanResult result = cleaner.clean(document.text());
        Set<String> rules = new HashSet<>();
        result.changes().forEach(change -> rules.add(change.rule()));
        rules.add(result.droppedBy());
        rules.forEach(rule -> acted.merge(rule, 1L, Long::sum));
        Fault fault = faults.get(new Place(file, document.line()));
        if (fault == null || fault.kind().rule().isEmpty()) {
            return;
        }
        long[] some = counts.computeIfAbsent(fault.kind(), kind -> new long[3]);
        some[0]++;
        some[1] += rules.contains(fault.kind().rule()) ? 1 : 0;
        String clean = cleaner.clean(fault.original()).text();
        boolean restored = clean != null
                && result.text() != null
                && MatchText.of(clean)
                        .toString()
                        .equals(MatchText.of(result.text()).toString());
        some[2] += restored ? 1 : 0;
    }

    /**
     * Looks at what deduplication of the planted corpus removed.
     *
     * @param deduplicated its output folder
     * @param near the similarity from which copies are duplicates
     * @return a score for each kind that deduplication should find; copies below {@code near} count in none
     */
    public List<FaultScore> deduplication(Path deduplicated, double near) {
        Map<Place, RemovedRow> removed = new HashMap<>();
        for (RemovedRow row : rows(deduplicated.resolve(DedupRun.REMOVED), RemovedRow.class)) {
            removed.put(new Place(row.file(), row.line()), row);
        }
        List<FaultScore> scores = new ArrayList<>();
        scores.add(score(FaultKind.EXACT, removed, 1, Set.of("exact")));
        scores.add(score(FaultKind.NEAR, removed, near, Set.of("near", "exact")));
        scores.add(score(FaultKind.EVALUATION, removed, 0, Set.of("contaminated", "cut")));
        return scores;
    }

    private FaultScore score(FaultKind kind, Map<Place, RemovedRow> removed, double near, Set<String> kinds) {
        List<Place> places = faults.entrySet().stream()
                .filter(fault ->
                        fault.getValue().kind() == kind && fault.getValue().similarity() >= near)
                .map(Map.Entry::getKey)
                .toList();
        long found = places.stream()
                .filter(place -> removed.containsKey(place)
                        && kinds.contains(removed.get(place).kind()))
                .count();
        // Both kinds of copies may be equal to the letter, so either may be removed as the other.
        long acted = removed.entrySet().stream()
                .filter(row -> kinds.contains(row.getValue().kind()))
                .filter(row -> {
                    Fault fault = faults.get(row.getKey());
                    boolean other = fault != null
                            && fault.kind() != kind
                            && (fault.kind() == FaultKind.EXACT || fault.kind() == FaultKind.NEAR);
                    return !other;
                })
                .count();
        return new FaultScore(kind.written(), places.size(), found, 0, acted);
    }
}
