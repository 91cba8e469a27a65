package io.github.gptmoe.train.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.NumberDeserializers;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/** JSON as reports write it: a number that is not finite becomes null, since JSON has no NaN. */
public final class ReportJson {
    private ReportJson() {}

    /**
     * A mapper for the records of this package.
     *
     * @return a new mapper; a fraction that is null or absent is read as NaN, a whole number as 0
     */
    public static ObjectMapper mapper() {
        SimpleModule module = new SimpleModule();
        module.addSerializer(double.class, new FiniteOrNull());
        module.addSerializer(Double.class, new FiniteOrNull());
        module.addDeserializer(double.class, new NumberDeserializers.DoubleDeserializer(double.class, Double.NaN));
        return new ObjectMapper().registerModule(module).disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }

    private static final class FiniteOrNull extends StdSerializer<Double> {
        private static final long serialVersionUID = 1L;

        FiniteOrNull() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator json, SerializerProvider provider) throws IOException {
            if (Double.isFinite(value)) {
                json.writeNumber(value);
            } else {
                json.writeNull();
            }
        }
    }
}
