package io.github.gptmoe.spark;

import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.OutputFile;
import io.github.gptmoe.data.dedup.Banding;
import io.github.gptmoe.data.dedup.DedupConfig;
import io.github.gptmoe.data.dedup.DedupCounts;
import io.github.gptmoe.data.dedup.DedupManifest;
import io.github.gptmoe.data.dedup.DedupRequest;
import io.github.gptmoe.data.dedup.DedupRun;
import io.github.gptmoe.data.dedup.EvaluationData;
import io.github.gptmoe.data.dedup.PairReplay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** Removes duplicates and evaluation data: prints, pairs, clusters on the driver, outputs. */
final class DedupJob {
    private final SparkSession session;
    private final JavaSparkContext spark;
    private final PassRequest request;
    private final OutFolder folder;
    private final DedupRequest asked;

    /** Evaluation files are local ones of the driver. */
    DedupJob(SparkSession session, PassRequest request, DedupConfig config, List<Path> against, List<String> fields) {
        this.session = session;
        this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        this.request = request;
        this.folder = OutFolder.of(request.files(), request.out(), request.inputs());
        List<InputFile> inputs = request.inputs().stream().map(JobInput::file).toList();
        this.asked = new DedupRequest(inputs, Path.of(request.out()), config, against, fields, request.rows(), 1);
    }

    DedupManifest run() {
        return OutFolder.whileLocked(request.out(), this::deduplicate);
    }

    private DedupManifest deduplicate() throws IOException {
        EvaluationData evaluation =
                asked.against().isEmpty() ? null : EvaluationData.read(asked.against(), asked.fields(), asked.config());
        List<Slice> slices = SlicePlan.of(spark, request.files(), request.inputs(), request.blockBytes());
        Banding banding = asked.config().banding();
        PrintParts prints = new PrintParts(folder, banding, asked.config().shingle(), request.reading());
        List<SliceOutcome<Integer>> printed = SliceJobs.run(spark, "reading text", slices, prints);
        List<DocumentGroups.Rows> rows = JobRows.judge(
                request.rows(),
                judging -> request.inputs().stream()
                        .map(input -> judging.file(input, slices, printed))
                        .toList());
        List<Numbered> numbered = Numbered.of(slices, SliceJobs.values(printed));
        PairReplay clusters =
                new PairReplay(Numbered.documents(numbered), asked.config().near());
        PairStage pairs = new PairStage(session, numbered, prints);
        BitSet equal = pairs.joinEqual(clusters);
        DedupManifest.Search search =
                banding == null ? new DedupManifest.Search(0, 0, 0) : pairs.joinSimilar(clusters, equal, banding);
        Verdicts verdicts = Verdicts.of(clusters, numbered);
        findLines(verdicts, numbered, prints);
        List<DedupManifest.File> files = write(slices, numbered, rows, verdicts, evaluation);
        JobInputs.requireUnchanged(request.files(), request.inputs());
        DedupManifest manifest = manifest(banding, search, evaluation, files);
        folder.write(DedupRun.MANIFEST, manifest);
        prints.delete();
        return manifest;
    }

    /** Lines of the documents that stay in the place of others. */
    private void findLines(Verdicts verdicts, List<Numbered> slices, PrintParts prints) {
        Broadcast<Verdicts> sent = spark.broadcast(verdicts);
        List<Slice> read = slices.stream().map(Numbered::slice).toList();
        List<SliceOutcome<long[]>> found = SliceJobs.run(spark, "places", read, slice -> {
            Numbered numbers = slices.get(slice.number());
            List<Long> pairs = new ArrayList<>();
            for (Iterator<PrintParts.Print> all = prints.read(numbers); all.hasNext(); ) {
                PrintParts.Print print = all.next();
                int document = numbers.first() + print.index();
                if (sent.value().isNamed(document)) {
                    pairs.add((long) document);
                    pairs.add(print.line());
                }
            }
            return SliceOutcome.of(pairs.stream().mapToLong(Long::longValue).toArray());
        });
        for (long[] pairs : SliceJobs.values(found)) {
            for (int i = 0; i < pairs.length; i += 2) {
                verdicts.line((int) pairs[i], pairs[i + 1]);
            }
        }
        sent.destroy();
    }

    private List<DedupManifest.File> write(
            List<Slice> slices,
            List<Numbered> numbered,
            List<DocumentGroups.Rows> rows,
            Verdicts verdicts,
            @Nullable EvaluationData evaluation)
            throws IOException {
        SliceParts parts = new SliceParts(folder, request.format());
        StayWork work = new StayWork(
                parts,
                numbered,
                spark.broadcast(verdicts),
                evaluation == null ? null : spark.broadcast(evaluation),
                asked.config(),
                request.reading());
        List<StayWork.Written> written = SliceJobs.values(SliceJobs.run(spark, "writing text", slices, work));
        List<OutputFile.Content> contents = parts.join(
                spark, slices, written.stream().map(StayWork.Written::content).toList());
        List<String> removed = slices.stream().map(work::removed).toList();
        new FileJoin(request.files(), removed, folder.file(DedupRun.REMOVED), Format.JSONL).run();
        request.files().delete(work.removedFolder());
        List<DedupManifest.File> files = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < request.inputs().size(); i++) {
            JobInput input = request.inputs().get(i);
            DedupCounts counts = DedupCounts.NONE;
            do {
                counts = counts.plus(written.get(next).counts());
                next++;
            } while (next < slices.size() && slices.get(next).part() > 0);
            files.add(new DedupManifest.File(
                    input.name(),
                    input.bytes(),
                    input.outputName(request.format()),
                    contents.get(i),
                    rows.get(i),
                    counts));
        }
        return files;
    }

    private DedupManifest manifest(
            @Nullable Banding banding,
            DedupManifest.Search search,
            @Nullable EvaluationData evaluation,
            List<DedupManifest.File> files)
            throws IOException {
        DedupCounts totals = files.stream().map(DedupManifest.File::counts).reduce(DedupCounts.NONE, DedupCounts::plus);
        return new DedupManifest(
                DedupManifest.FORMAT_VERSION,
                asked.settings(),
                request.rows().badRows().action().label(),
                asked.config(),
                banding,
                search,
                evaluation == null ? null : new DedupManifest.Evaluation(evaluation.size(), evaluation.unsearchable()),
                files,
                totals);
    }
}
