package io.github.gptmoe.spark;

import io.github.gptmoe.data.dedup.Banding;
import io.github.gptmoe.data.dedup.DedupManifest;
import io.github.gptmoe.data.dedup.PairReplay;
import io.github.gptmoe.data.dedup.Shingles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/** Finds pairs of equal and of similar documents on the cluster, and gives them to the driver in the order of the one-machine run. */
final class PairStage {
    private static final String BAND = "band";
    private static final String KEY = "key";
    private static final String LATER = "later";
    private static final String EARLIER = "earlier";
    private static final String LEFT_OUT = "leftOut";
    private static final String DOCUMENT = "document";
    private static final String SHINGLES = "shingles";
    private static final String SIMILARITY = "similarity";

    private final SparkSession session;
    private final JavaSparkContext spark;
    private final List<Numbered> slices;
    private final PrintParts prints;

    PairStage(SparkSession session, List<Numbered> slices, PrintParts prints) {
        this.session = session;
        this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        this.slices = slices;
        this.prints = prints;
    }

    private JavaRDD<Numbered> tasks(List<Numbered> some) {
        return spark.parallelize(some, Math.max(1, some.size()));
    }

    /** Joins each document to the first one of equal text; returns the later ones. */
    BitSet joinEqual(PairReplay clusters) {
        spark.setJobDescription("equal texts");
        PrintParts parts = prints;
        JavaRDD<Row> hashes = tasks(slices)
                .flatMap(slice -> Iterators.map(
                        parts.read(slice),
                        print -> RowFactory.create(
                                print.print().high(), print.print().low(), slice.first() + print.index())));
        StructType schema = new StructType()
                .add("high", DataTypes.LongType)
                .add("low", DataTypes.LongType)
                .add(DOCUMENT, DataTypes.IntegerType);
        Dataset<Row> equal = session.createDataFrame(hashes, schema)
                .withColumn(EARLIER, functions.min(DOCUMENT).over(Window.partitionBy("high", "low")))
                .filter(functions.col(EARLIER).notEqual(functions.col(DOCUMENT)))
                .select(EARLIER, DOCUMENT);
        BitSet later = new BitSet();
        for (Iterator<Row> rows = equal.toLocalIterator(); rows.hasNext(); ) {
            Row row = rows.next();
            clusters.equal(row.getInt(0), row.getInt(1));
            later.set(row.getInt(1));
        }
        return later;
    }

    /** Joins similar documents, those that are {@code equal} to an earlier one left aside. */
    DedupManifest.Search joinSimilar(PairReplay clusters, BitSet equal, Banding banding) throws IOException {
        Dataset<Row> pairs = pairs(equal, banding).persist(StorageLevel.MEMORY_AND_DISK());
        Dataset<Row> real = pairs.filter(functions.col(EARLIER).geq(0));
        BitSet candidates = candidates(real);
        Row left = pairs.agg(functions.coalesce(functions.sum(LEFT_OUT), functions.lit(0L)))
                .first();
        ShingleParts parts = new ShingleParts(
                prints.folder(), slices, spark.broadcast(candidates), prints.shingle(), prints.rules());
        List<Slice> made = slices.stream()
                .filter(slice -> {
                    int next = candidates.nextSetBit(slice.first());
                    return next >= 0 && next < slice.end();
                })
                .map(Numbered::slice)
                .toList();
        List<Integer> counts = SliceJobs.values(SliceJobs.run(spark, "reading candidates", made, parts));
        Dataset<Row> compared = compared(real, rows(parts, made, counts)).persist(StorageLevel.MEMORY_AND_DISK());
        spark.setJobDescription("comparing pairs");
        Dataset<Row> ordered = real.join(compared, new String[] {EARLIER, LATER})
                .select(BAND, KEY, LATER, EARLIER, SIMILARITY)
                .orderBy(BAND, KEY, LATER, EARLIER);
        for (Iterator<Row> rows = ordered.toLocalIterator(); rows.hasNext(); ) {
            Row row = rows.next();
            clusters.similar(row.getInt(3), row.getInt(2), row.getDouble(4));
        }
        clusters.end();
        compared.unpersist();
        pairs.unpersist();
        parts.delete();
        return new DedupManifest.Search(candidates.cardinality(), clusters.compared(), left.getLong(0));
    }

    private Dataset<Row> pairs(BitSet equal, Banding banding) {
        PrintParts parts = prints;
        Broadcast<BitSet> known = spark.broadcast(equal);
        JavaRDD<Row> bands = tasks(slices)
                .flatMap(slice ->
                        Iterators.flatMap(parts.read(slice), print -> bands(slice, print, known.value(), banding)));
        StructType banded = new StructType()
                .add(BAND, DataTypes.IntegerType)
                .add(KEY, DataTypes.IntegerType)
                .add(DOCUMENT, DataTypes.IntegerType);
        StructType paired = new StructType()
                .add(BAND, DataTypes.IntegerType)
                .add(KEY, DataTypes.IntegerType)
                .add(LATER, DataTypes.IntegerType)
                .add(EARLIER, DataTypes.IntegerType)
                .add(LEFT_OUT, DataTypes.LongType);
        JavaRDD<Row> found = session.createDataFrame(bands, banded)
                .repartition(functions.col(BAND), functions.col(KEY))
                .sortWithinPartitions(BAND, KEY, DOCUMENT)
                .toJavaRDD()
                .mapPartitions(BucketPairs::new);
        return session.createDataFrame(found, paired);
    }

    private BitSet candidates(Dataset<Row> pairs) {
        spark.setJobDescription("candidates");
        BitSet documents = new BitSet();
        Dataset<Row> named = pairs.select(EARLIER).union(pairs.select(LATER)).distinct();
        for (Iterator<Row> rows = named.toLocalIterator(); rows.hasNext(); ) {
            documents.set(rows.next().getInt(0));
        }
        return documents;
    }

    /** Rows (band, key, document) of a document that has no equal before it. */
    private static Iterator<Row> bands(Numbered slice, PrintParts.Print print, BitSet equal, Banding banding) {
        int document = slice.first() + print.index();
        int[] signature = print.print().signature();
        if (signature.length == 0 || equal.get(document)) {
            return Collections.emptyIterator();
        }
        return IntStream.range(0, banding.bands())
                .mapToObj(band -> RowFactory.create(band, banding.key(signature, 0, band), document))
                .iterator();
    }

    private Dataset<Row> rows(ShingleParts parts, List<Slice> made, List<Integer> counts) {
        Map<Integer, Integer> countBySlice = new HashMap<>();
        for (int i = 0; i < made.size(); i++) {
            countBySlice.put(made.get(i).number(), counts.get(i));
        }
        JavaRDD<Row> rows = spark.parallelize(made, Math.max(1, made.size()))
                .flatMap(slice -> parts.rows(slice, Objects.requireNonNull(countBySlice.get(slice.number()))));
        StructType schema =
                new StructType().add(DOCUMENT, DataTypes.IntegerType).add(SHINGLES, DataTypes.BinaryType);
        return session.createDataFrame(rows, schema);
    }

    private static Dataset<Row> compared(Dataset<Row> pairs, Dataset<Row> shingles) {
        UserDefinedFunction jaccard = functions.udf(
                (UDF2<byte[], byte[], Double>) (one, other) -> Shingles.jaccard(longs(one), longs(other)),
                DataTypes.DoubleType);
        Dataset<Row> earlier = shingles.select(
                functions.col(DOCUMENT).as(EARLIER), functions.col(SHINGLES).as("one"));
        Dataset<Row> later = shingles.select(
                functions.col(DOCUMENT).as(LATER), functions.col(SHINGLES).as("other"));
        return pairs.select(EARLIER, LATER)
                .distinct()
                .join(earlier, EARLIER)
                .join(later, LATER)
                .select(
                        functions.col(EARLIER),
                        functions.col(LATER),
                        jaccard.apply(functions.col("one"), functions.col("other"))
                                .as(SIMILARITY));
    }

    private static long[] longs(byte[] bytes) {
        long[] longs = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().get(longs);
        return longs;
    }
}
